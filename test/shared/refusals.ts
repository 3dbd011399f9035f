// SPDX-License-Identifier: Apache-2.0
/** Specs: peers that are refused before anything is sent to them, and pinned keys. */
import { converse, to } from "./shared.ts";
import type { Act, Spec } from "./shared.ts";

/** Connects to a peer and tells whether it was trusted, the error, and how much was sent to it. */
const meet = function (peer: string, more: object): Act {
    return function (world, give) {
        converse(world, to(world, peer, more), "secret\n", function (outcome, socket) {
            give([outcome.secure, outcome.code, socket.bytesWritten, outcome.data]);
        });
    };
};

/** With the pin that is made of a peer's own. */
const pinned = function (peer: string, pin: (own: string) => string): Act {
    return function (world, give) {
        const own = (world.peers[peer] || { pin: "" }).pin;
        meet(peer, { pinnedPubkey: pin(own) })(world, give);
    };
};

const refused = function (code: string): unknown {
    return [false, "ETLS_" + code, 0, ""];
};

const trusted = [true, "", 7, "terces\n"];
const OTHER = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

export const specs: Spec[] = [
    ["a peer as it should be is trusted", trusted, meet("ec13", {})],
    ["a wrong name, TLS 1.2", refused("CERT_NAME_MISMATCH"), meet("wrongHost12", {})],
    ["a wrong name, TLS 1.3", refused("CERT_NAME_MISMATCH"), meet("wrongHost13", {})],
    ["an expired certificate", refused("CERT_EXPIRED"), meet("expired", {})],
    ["an unknown issuer", refused("CERT_UNKNOWN_ISSUER"), meet("unknownIssuer", {})],
    ["a self-signed certificate", refused("CERT_SELF_SIGNED"), meet("selfSigned", {})],
    ["an RSA key of 1024 bits", refused("CERT_WEAK_KEY"), meet("rsa1024", {})],
    ["a signature that is not the issuer's", refused("CERT_UNKNOWN_ISSUER"), meet("badSignature", {})],
    ["the right peer under another name", refused("CERT_NAME_MISMATCH"), meet("ec13", { servername: "example.org" })],
    ["the pinned key is trusted", trusted, pinned("ec13", function (own) {
        return own;
    })],
    ["one of two pinned keys is trusted", trusted, pinned("ec12", function (own) {
        return OTHER + ";" + own;
    })],
    ["a key that is not the pinned one", refused("CERT_PIN_MISMATCH"), meet("ec13", { pinnedPubkey: OTHER })],
    ["a pin that is none", refused("BAD_OPTION"), meet("ec13", { pinnedPubkey: "sha1//AAAA" })],
];
