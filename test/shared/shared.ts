// SPDX-License-Identifier: Apache-2.0
/**
 * Specs that run in Node on WebAssembly and on boards: what they have, and how they are written.
 *
 * A spec gives a value, which is compared with what it must be where mocha runs; so it says itself in
 * JSON, without undefined. These files stay within Espruino's subset.
 */
import type { Https } from "../../modules/https.ts";
import type { ConnectOptions, Tls } from "../../modules/tls.ts";

/** A server that runs where mocha does. */
export interface Peer {
    host: string;
    port: number;
    /** The name that its certificate is for. */
    servername: string;
    /** Its trust anchor: DER, a character for each byte. */
    ca: string;
    /** Its key, as option `pinnedPubkey` has it. */
    pin: string;
}

/** What specs have. */
export interface World {
    tls: Tls;
    https: Https;
    peers: { [name: string]: Peer };
}

/** Does something and gives its value, once. */
export type Act = (world: World, give: (value: unknown) => void) => void;

/** A spec: what it says, the value it must give, and what it does. */
export type Spec = [says: string, must: unknown, act: Act];

/** Options for a connection to a peer, and more that win over them. */
export const to = function (world: World, name: string, more: object): ConnectOptions {
    const peer = world.peers[name] as Peer;
    return Object.assign({ host: peer.host, port: peer.port, servername: peer.servername, ca: peer.ca }, more);
};

/** What became of a connection. */
export interface Outcome {
    /** Whether the peer was verified, and the error's code if there was one. */
    secure: boolean;
    protocol: string | null;
    code: string;
    data: string;
}

/** Connects, says something once the peer is verified, and gives what became of it when it is closed. */
export const converse = function (
    world: World,
    options: ConnectOptions,
    text: string,
    give: (outcome: Outcome, socket: ReturnType<Tls["connect"]>) => void,
): void {
    const outcome: Outcome = { secure: false, protocol: null, code: "", data: "" };
    const socket = world.tls.connect(options);
    socket.on("secureConnect", function () {
        outcome.secure = true;
        outcome.protocol = socket.getProtocol();
        socket.write(text);
    });
    socket.on("data", function (data) {
        outcome.data += data;
        if (/\n$/.test(outcome.data)) socket.end();
    });
    socket.on("error", function (error) {
        outcome.code = error.code;
    });
    socket.on("close", function () {
        give(outcome, socket);
    });
};
