// SPDX-License-Identifier: Apache-2.0
/** Runs specs on a board: one at a time, as it is told over the console. */
import type { Transport } from "../../modules/host.ts";
import type { Tls } from "../../modules/tls.ts";
import type { Peer, Spec, World } from "./shared.ts";

declare const process: { on(event: string, listener: (error: unknown) => void): void };

const world = { tls: require("tls"), https: require("https"), peers: {} } as World;

let giving: ((value: unknown) => void) | undefined;

/** Gives the value of the spec that is running; later ones are of no interest. */
const give = function (value: unknown): void {
    const then = giving;
    giving = undefined;
    if (then) then(value);
};

process.on("uncaughtException", function (error) {
    give("uncaught: " + error);
});

/** Goes through the console cable, whatever network the board has: the peers are at its other end. */
export const useTether = function (): void {
    (world.tls as Tls & { setTransport(transport: Transport): void }).setTransport(require("tls-tether") as Transport);
};

/** Trust anchors: several peers have the same, which lies in memory once. */
const anchors: string[] = [];

/** Makes a trust anchor known. */
export const trust = function (der: string): void {
    anchors.push(der);
};

/** Makes a peer known, whose trust anchor is the one of that number. */
export const meet = function (name: string, peer: Peer, anchor: number): void {
    peer.ca = anchors[anchor] || "";
    world.peers[name] = peer;
};

/** Runs a spec of a module, and calls `then` with its value. */
export const run = function (name: string, index: number, then: (value: unknown) => void): void {
    giving = then;
    const spec = (require(name) as { specs: Spec[] }).specs[index] as Spec;
    try {
        spec[2](world, give);
    } catch (error) {
        give("thrown: " + error);
    }
};
