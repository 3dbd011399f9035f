// SPDX-License-Identifier: Apache-2.0
/**
 * A modem with ESP-AT firmware on a UART: one command after the other, and lines that come unasked.
 *
 * The bytes of a UART are lost while JavaScript or the core runs for longer than its FIFO lasts: on the
 * RP2040 32 bytes, 2.8 ms at 115200 baud. So data is asked for (passive receive mode), commands start from a
 * timer and never inside of work that may be long, and nothing is done with the bytes of an answer before all
 * of it has come: to look at a line takes some 10 ms.
 *
 * Source: ESP-AT User Guide, TCP/IP AT Commands and AT Messages (docs.espressif.com/projects/esp-at).
 *
 * @module
 */

import { makeError } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import { Timer } from "./timer.ts";

/** A UART: Espruino's `Serial1`, set up by the program. */
export interface Serial {
    /** Sets rate and pins. */
    setup?(baud: number, pins: object): void;
    write(data: string): void;
    on(event: "data", listener: (data: string) => void): void;
}

/** Called with why a command has failed, or with what it answered. */
export type Done = (error: TlsError | undefined, answer: string) => void;

interface Command {
    text: string;
    /** Sent at the prompt, by `AT+CIPSEND`. */
    data: string;
    /** Bytes that the answer has at least, mostly; 0: not known. */
    expect: number;
    limit: number;
    done: Done;
}

/** Milliseconds for an answer when nothing else is said. */
const LIMIT = 3000;

/** Milliseconds until a modem that is busy is asked again. */
const AGAIN = 50;

/** Milliseconds without a byte after which an answer is over. */
const PAUSE = 100;

/** Makes the error that everything of a modem has. */
export const atError = function (detail: string): TlsError {
    return makeError("ETLS_MODEM", detail);
};

/** The modem; `heard` takes the lines that are no answer and returns whether it knew one. */
export class Modem {
    /** Called when nothing of what was asked will be answered any more. */
    _lost: (error: TlsError) => void;
    private _serial: Serial;
    private _heard: (line: string) => boolean;
    private _queue: Command[] = [];
    private _current: Command | undefined;
    private _timer = new Timer();
    private _in = "";
    private _need = 1; // bytes of _in that are worth a look
    private _piece = -1; // bytes of +CIPRECVDATA that are to come
    private _answer = "";
    private _quiet: (() => void)[] = [];
    private _said = ""; // before an ERROR: its reason

    constructor(serial: Serial, heard: (line: string) => boolean, lost: (error: TlsError) => void) {
        this._serial = serial;
        this._heard = heard;
        this._lost = lost;
        serial.on("data", (data) => {
            this._in += data;
            if (this._in.length >= this._need) this._take();
        });
    }

    /** Whether a command is under way, whose answer a long call would lose; `quiet` is called before the next. */
    _busy(quiet?: () => void): boolean {
        if (this._current && quiet) this._quiet.push(quiet);
        return this._current !== undefined;
    }

    /** Sends a command when those before it are done; `data` follows at the prompt. */
    _send(text: string, data: string, limit: number, done: Done, expect?: number): void {
        this._queue.push({ text, data, expect: expect || 0, limit: limit || LIMIT, done });
        this._next();
    }

    /** From a timer: the one who asks may have work to do that is long. */
    private _next(): void {
        setTimeout(() => {
            const command = this._current ? undefined : this._queue.shift();
            if (!command) return;
            this._current = command;
            this._timer.start(command.limit, () => this._silent(command));
            this._write(command);
        }, 0);
    }

    private _write(command: Command): void {
        if (this._current !== command) return;
        this._said = "";
        if (command.expect > 0) {
            this._need = command.expect; // a look at the head of it would take too long
            this._watch(command, -1);
        }
        this._serial.write(command.text + "\r\n");
    }

    /** Looks at an answer that is shorter than expected, once no more comes. */
    private _watch(command: Command, before: number): void {
        setTimeout(() => {
            const length = this._in.length;
            if (this._current !== command) return;
            if (length > 0 && length === before) this._take();
            this._watch(command, length);
        }, PAUSE);
    }

    private _take(): void {
        for (;;) {
            const command = this._current;
            if (this._piece >= 0) {
                this._need = this._piece;
                if (this._in.length < this._piece) return;
                this._answer = this._in.substr(0, this._piece);
                this._in = this._in.substr(this._piece);
                this._piece = -1;
            } else if (command && command.data !== "" && this._in[0] === ">") {
                const data = command.data;
                this._in = this._in.substr(1);
                command.data = "";
                this._serial.write(data);
            } else {
                const head = /^\+CIPRECVDATA[:,]([0-9]+)[:,]/.exec(this._in);
                const end = head ? head[0].length - 1 : this._in.indexOf("\n");
                if (end < 0) {
                    this._need = this._in.length + 1;
                    return;
                }
                const line = this._in.substr(0, end).trim();
                this._in = this._in.substr(end + 1);
                if (head) this._piece = parseInt(head[1] as string, 10);
                else if (line !== "") this._line(line);
            }
        }
    }

    private _line(line: string): void {
        const command = this._current;
        const text = command ? command.text : "";
        if (this._heard(line) || !command || line === text || line.substr(0, 5) === "Recv ") return;
        if (line.substr(0, 4) === "busy") {
            if (this._said !== line) setTimeout(() => this._write(command), AGAIN);
            this._said = line;
        } else if (line === "SEND OK" || (line === "OK" && text.substr(0, 10) !== "AT+CIPSEND")) {
            this._finish(undefined);
        } else if (line === "ERROR" || line === "FAIL" || /^SEND [FC]/.test(line)) {
            const why = this._said ? ": " + this._said : "";
            this._finish(atError("the modem refuses " + text + why));
        } else if (line !== "OK") {
            this._said = line;
        }
    }

    private _finish(error: TlsError | undefined): void {
        const command = this._current as Command;
        const answer = this._answer || this._said;
        this._current = undefined;
        this._answer = "";
        this._timer.stop();
        command.done(error, answer);
        const quiet = this._quiet;
        this._quiet = [];
        quiet.forEach(function (call) {
            call();
        });
        this._next();
    }

    /** There was no answer: nothing that comes now can be told apart from a late one. */
    private _silent(command: Command): void {
        const error = atError(
            this._piece >= 0
                ? "of " + this._piece + " bytes that the modem sent " + (this._piece - this._in.length) +
                      " were lost: lower its baud rate with AT+UART_CUR, and keep functions short"
                : "the modem does not answer to " + command.text +
                      ": check power (300 mA), ground, TX to RX, RX to TX, and the baud rate",
        );
        const all = [command].concat(this._queue);
        this._queue = [];
        this._current = undefined;
        this._in = "";
        this._need = 1;
        this._piece = -1;
        all.forEach(function (one) {
            one.done(error, "");
        });
        this._quiet.forEach(function (call) {
            call();
        });
        this._quiet = [];
        this._lost(error);
    }
}
