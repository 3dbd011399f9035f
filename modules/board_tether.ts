// SPDX-License-Identifier: Apache-2.0
/**
 * The console cable as a network: `npx espruino-tls tether` at its other end moves the bytes.
 *
 * The board prints lines `\x01tls ID VERB TEXT`: `o HOST PORT` opens a stream, `w BASE64` writes,
 * `e` ends, `d` drops it, `p` and `r` stop its data and let it go on, `a` asks for more after what came.
 * The other end types calls of {@link take}.
 *
 * @module
 */

import { Emitter } from "./emitter.ts";
import type { Address, Stream } from "./host.ts";

/** Bytes in a line. */
const PIECE = 384;

/** A stream through the cable. */
class TetherStream extends Emitter<{
    data: [data: string];
    end: [];
    drain: [];
    error: [error: unknown];
    close: [];
}> {
    private _id: number;
    /** @internal */
    _ready: (() => void) | undefined;

    constructor(id: number, ready: () => void) {
        super();
        this._id = id;
        this._ready = ready;
    }

    /** @internal */
    _say(line: string): void {
        if (streams[this._id] === this) print("\x01tls " + this._id + " " + line);
    }

    write(data: string): boolean {
        for (let at = 0; at < data.length; at += PIECE) this._say("w " + btoa(data.substr(at, PIECE)));
        return true;
    }

    end(): void {
        this._say("e");
    }

    destroy(): void {
        this._say("d");
        this._close();
    }

    pause(): void {
        this._say("p");
    }

    resume(): void {
        this._say("r");
    }

    /** @internal */
    _close(): void {
        if (streams[this._id] !== this) return;
        delete streams[this._id];
        this.emit("close");
    }
}

const streams: { [id: number]: TetherStream | undefined } = {};
let last = 0;

/** Opens a stream, as {@link Transport.connect}. */
export const connect = function (to: Address, ready: () => void): Stream {
    last += 1;
    const stream = new TetherStream(last, ready);
    streams[last] = stream;
    stream._say("o " + to.host + " " + to.port);
    return stream as Stream;
};

/** Called by the other end: `c` connected, `d` data, `e` the peer has ended, `x` closed, or why. */
export const take = function (id: number, verb: string, text: string): void {
    const stream = streams[id];
    if (!stream) return;
    const ready = stream._ready;
    if (verb === "c") {
        stream._ready = undefined;
        if (ready) ready();
    } else if (verb === "d") {
        stream.emit("data", atob(text));
        stream._say("a");
    } else if (verb === "e") {
        stream.emit("end");
    } else {
        if (text) stream.emit("error", new Error(text));
        stream._close();
    }
};
