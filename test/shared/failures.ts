// SPDX-License-Identifier: Apache-2.0
/** Specs: peers that fail, and what is left behind. */
import { converse, to } from "./shared.ts";
import type { Act, Spec } from "./shared.ts";

const meet = function (peer: string, more: object): Act {
    return function (world, give) {
        converse(world, to(world, peer, more), "hello\n", function (outcome) {
            give([outcome.secure, outcome.code]);
        });
    };
};

const fails = function (code: string): unknown {
    return [false, "ETLS_" + code];
};

/** Connects and tells whether the arena holds as many blocks afterwards as before. */
const leaveNothing = function (peer: string): Act {
    return function (world, give) {
        const before = world.tls.memory();
        converse(world, to(world, peer, {}), "hello\n", function (outcome) {
            setTimeout(function () {
                const after = world.tls.memory();
                give([outcome.code, after.blocks - before.blocks, after.inUse - before.inUse]);
            }, 10);
        });
    };
};

/** Three connections at once, each with a line of its own. */
const several: Act = function (world, give) {
    const lines: string[] = [];
    ["ec12", "rsa13", "ec13"].forEach(function (peer, index) {
        converse(world, to(world, peer, {}), "line " + index + "\n", function (outcome) {
            lines[index] = outcome.code + outcome.data;
            if (lines[0] && lines[1] && lines[2]) give(lines);
        });
    });
};

export const specs: Spec[] = [
    ["nobody listens", fails("CONNECT_FAILED"), meet("nobody", {})],
    ["the peer does not speak TLS", fails("NOT_TLS"), meet("plain", {})],
    ["the peer hangs up", fails("CONNECTION_CLOSED"), meet("closing", {})],
    ["the peer refuses the handshake", fails("ALERT_HANDSHAKE_FAILURE"), meet("alert", {})],
    ["the peer says nothing", fails("TIMEOUT"), meet("silent", { handshakeTimeout: 1000 })],
    ["the connection ends without a close_notify", [true, "ETLS_TRUNCATED"], meet("truncated", {})],
    ["a connection leaves nothing in the arena", ["", 0, 0], leaveNothing("rsa12")],
    ["a refusal leaves nothing in the arena", ["ETLS_CERT_EXPIRED", 0, 0], leaveNothing("expired")],
    ["three connections at once", ["0 enil\n", "1 enil\n", "2 enil\n"], several],
];
