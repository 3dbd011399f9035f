// SPDX-License-Identifier: Apache-2.0
/**
 * One connection through a modem with ESP-AT firmware.
 *
 * @module
 */

import type { EspAt } from "./board_at.ts";
import { Emitter } from "./emitter.ts";
import type { TlsError } from "./errors.ts";

/** Bytes in one `AT+CIPSEND`, and asked for by one `AT+CIPRECVDATA`. */
const SEND = 2048;
const PIECE = 1024;

/** Bytes around data: `+CIPRECVDATA:`, a comma, and `OK` between line ends. */
const HEAD = 20;

/** Milliseconds that a connection, and joining a network, may take. */
export const CONNECT = 30000;

/** A connection through the modem. */
export class AtStream extends Emitter<{
    data: [data: string];
    end: [];
    drain: [];
    error: [error: TlsError];
    close: [];
}> {
    private _at: EspAt;
    private _id: number;
    private _held = 0; // bytes that the modem has for us, at least
    private _reading = false;
    private _paused = false;
    private _sending = 0;
    private _ending = false;
    private _over = false; // closed by the peer
    /** AT+CIPSTART was sent. @internal */
    _started = false;
    /** @internal */
    _open = false;
    /** Nothing but close is told any more. @internal */
    _gone = false;

    constructor(at: EspAt, id: number) {
        super();
        this._at = at;
        this._id = id;
    }

    write(data: string): boolean {
        for (let at = 0; at < data.length && !this._gone; at += SEND) {
            const piece = data.substr(at, SEND);
            this._sending += 1;
            this._at._modem._send("AT+CIPSEND=" + this._id + "," + piece.length, piece, CONNECT, (error) => {
                this._sending -= 1;
                if (error && !this._over) this._fail(error);
                if (this._sending > 0 || this._gone) return;
                if (this._ending) this._close();
                else this.emit("drain");
            });
        }
        return false;
    }

    end(): void {
        this._ending = true;
        if (this._sending === 0) this._close();
    }

    destroy(): void {
        this._close();
    }

    pause(): void {
        this._paused = true;
    }

    resume(): void {
        this._paused = false;
        this._read();
    }

    /** Whether the modem is sending what a long call would lose. */
    busy(quiet: () => void): boolean {
        return this._at._modem._busy(quiet);
    }

    /** The modem holds so many bytes for us. @internal */
    _hold(bytes: number): void {
        this._held = bytes;
        if (this._over && bytes === 0 && !this._reading && !this._gone) this._finish();
        this._read();
    }

    /** @internal */
    _read(): void {
        if (this._reading || this._paused || this._held === 0 || this._gone) return;
        const wanted = Math.min(this._held, PIECE);
        const command = "AT+CIPRECVDATA=" + this._id + "," + wanted;
        this._reading = true;
        this._held -= wanted;
        this._at._modem._send(command, "", 0, (error, data) => {
            this._reading = false;
            if (error) this._held = 0;
            if (this._gone) return;
            if (!error) this.emit("data", data);
            // Later: what the modem says of the rest comes right behind.
            setTimeout(() => {
                if (this._held > 0) this._read();
                else if (!error || this._over) this._at._ask();
            }, 0);
        }, wanted + HEAD + ("" + wanted).length);
    }

    /** The peer has closed; what the modem still holds comes first. @internal */
    _ended(): void {
        if (!this._open) return; // why comes with the answer to AT+CIPSTART
        this._over = true;
        if (!this._reading) this._at._ask();
    }

    /** @internal */
    _fail(error: TlsError): void {
        if (this._gone) return;
        this._gone = true;
        this.emit("error", error);
        this._hangUp();
    }

    private _close(): void {
        if (this._gone) return;
        this._gone = true;
        this._hangUp();
    }

    private _hangUp(): void {
        if (this._over || !this._started) this._finish();
        else this._at._modem._send("AT+CIPCLOSE=" + this._id, "", 0, () => this._finish());
    }

    /** The number is free again. @internal */
    _finish(): void {
        if (this._at._links[this._id] === this) this._at._links[this._id] = undefined;
        if (!this._gone) this.emit("end");
        this._gone = true;
        this.emit("close");
    }
}
