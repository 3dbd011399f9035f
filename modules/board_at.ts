// SPDX-License-Identifier: Apache-2.0
/**
 * A modem with ESP-AT firmware as a network: an ESP8266 or ESP32 on a UART, for boards without one. TLS is
 * the board's; the modem sees ciphertext.
 *
 * @example
 * ```js
 * var wifi = require("tls-at").create(Serial1, { tx: D0, rx: D1 });
 * require("tls").setTransport(wifi);
 * wifi.join("my network", "my password", function (error) {
 *   if (error) print(error.message);
 *   else require("https").get("https://example.org/", …);
 * });
 * ```
 *
 * @module
 */

import { atError, Modem } from "./board_at_modem.ts";
import type { Done, Serial } from "./board_at_modem.ts";
import { AtStream, CONNECT } from "./board_at_stream.ts";
import type { TlsError } from "./errors.ts";
import type { Address, Stream } from "./host.ts";

export type { Done, Serial } from "./board_at_modem.ts";

/** Connections that the modem can hold. */
const LINKS = 5;

/** Milliseconds of quiet until the modem is asked what it holds: a line that tells may have been lost. */
const POLL = 1000;

/**
 * Bits a second: what the modem starts with, and what bytes can be taken at without losing one. Espruino on the
 * RP2040 empties its FIFO of 32 bytes when it is idle, and then every 5 ms at least: 19 bytes.
 */
const BAUD = 115200;
const SAFE = 38400;

/** What is sent first. A `-` before: that it is refused is no error. */
const BEGIN = ["ATE0", "-AT+UART_CUR=" + SAFE + ",8,1,0,0", "-AT+CIPCLOSE=5", "AT+CIPMUX=1", "-AT+CIPDINFO=0", "-AT+CIPRECVMODE=1"];

/** The one of them that changes the rate. */
const RATE = 1;

/** What a number after `+CWJAP:` says. */
const JOIN = ["", "it timed out", "the password is wrong", "there is no such network", "it failed"];

/** The modem as a {@link Transport}. */
export class EspAt {
    /** @internal */
    _modem: Modem;
    /** @internal */
    _links: (AtStream | undefined)[] = [];
    private _setup: (baud: number) => void;
    private _fast = true; // at BAUD
    private _waiting: Done[] = [];
    private _ready = false;
    private _polling = false;
    private _asking = false;

    constructor(serial: Serial, pins: object | undefined) {
        this._setup = function (baud) {
            if (pins && serial.setup) serial.setup(baud, pins);
        };
        this._setup(BAUD);
        this._modem = new Modem(serial, (line) => this._heard(line), (error) => this._drop(error));
    }

    /** Opens a stream, as {@link Transport.connect}. */
    connect(to: Address, ready: () => void): Stream {
        let id = 0;
        while (id < LINKS && this._links[id]) id += 1;
        const stream = new AtStream(this, id);
        const start = 'AT+CIPSTART=' + id + ',"TCP","' + to.host + '",' + to.port;
        let error: TlsError | undefined;
        if (id === LINKS) error = atError("the modem has all its " + LINKS + " connections in use: end one first");
        // The modem's own limit; and nothing may end the command early.
        if (to.host.length > 64 || /[^0-9A-Za-z.:_\-]/.test(to.host)) {
            error = atError("the modem takes names of up to 64 letters, digits, dots and hyphens, not " + JSON.stringify(to.host));
        }
        if (!error) this._links[id] = stream;
        this._prepare((fault) => {
            if (stream._gone) return;
            if (error || fault) {
                stream._fail((error || fault) as TlsError);
                return;
            }
            stream._started = true;
            this._modem._send(start, "", CONNECT, (refused) => {
                if (refused) stream._fail(refused);
                if (stream._gone) return;
                stream._open = true;
                ready();
                stream._read();
                this._poll();
            });
        });
        return stream as Stream;
    }

    /** Joins a WiFi network; a modem that has joined one does so again by itself. */
    join(name: string, password: string, callback: (error?: TlsError) => void): void {
        const quote = function (text: string): string {
            return '"' + text.replace(/([,"\\])/g, "\\$1") + '"';
        };
        this.command("AT+CWMODE=1", (fault) => {
            if (fault) {
                callback(fault);
                return;
            }
            this._modem._send("AT+CWJAP=" + quote(name) + "," + quote(password), "", CONNECT, (error, answer) => {
                const why = JOIN[parseInt(answer.substr(7), 10)];
                if (error && why) callback(atError("the modem could not join " + name + ": " + why));
                else callback(error);
            });
        });
    }

    /** Sends a command of your own; `callback` gets the last line before `OK`. */
    command(text: string, callback: Done): void {
        this._prepare((fault) => {
            if (fault) callback(fault, "");
            else this._modem._send(text, "", 0, callback);
        });
    }

    /** Calls back when the modem is in the state that we need. */
    private _prepare(then: (fault: TlsError | undefined) => void): void {
        if (this._ready) {
            setTimeout(function () {
                then(undefined);
            }, 0);
            return;
        }
        this._waiting.push(then);
        if (this._waiting.length === 1) this._step(0, 0);
    }

    private _step(at: number, tries: number): void {
        const text = BEGIN[at] || "";
        const optional = text[0] === "-";
        // After power-on it may not hear for a while.
        this._modem._send(optional ? text.substr(1) : text, "", at === 0 ? 1000 : 0, (error) => {
            if (error && at === 0 && tries < 3) {
                // It may still have the rate of the last program; what it refuses it has heard, behind other bytes.
                if (!/ refuses /.test(error.message)) this._fast = !this._fast;
                this._setup(this._fast ? BAUD : SAFE);
                this._step(0, tries + 1);
            } else if (error && /RECVMODE/.test(text)) {
                this._modem._send("AT+CIPRECVTYPE=5,1", "", 0, (none) => {
                    this._begun(none && atError("the modem's firmware has no passive receive mode: it needs ESP-AT 2.0 or newer"));
                });
            } else if (at + 1 === BEGIN.length || (error && !optional)) {
                this._begun(error);
            } else {
                if (at === RATE && !error) this._setup(SAFE);
                this._step(at + 1, 0);
            }
        });
    }

    private _begun(error: TlsError | undefined): void {
        const waiting = this._waiting;
        this._waiting = [];
        this._ready = !error;
        waiting.forEach(function (then) {
            then(error, "");
        });
    }

    /** Takes a line that comes unasked. */
    private _heard(line: string): boolean {
        const held = line.substr(0, 5) === "+IPD,";
        const event = held ? line.substr(5) : line;
        const link = this._links[parseInt(event[0] as string, 10)];
        if (line === "ready") this._drop(atError("the modem has started anew: is its power supply strong enough (300 mA)?"));
        if (line.substr(0, 12) === "+CIPRECVLEN:") {
            const lengths = line.substr(12).split(",");
            this._links.forEach(function (one, id) {
                if (one) one._hold(parseInt(lengths[id] || "0", 10) || 0);
            });
            return true;
        }
        if (held && link) link._hold(parseInt(event.substr(2), 10));
        if (!held && event.substr(1) !== ",CLOSED") return line === "ready";
        if (!held && link) link._ended();
        return true;
    }

    /** All connections are lost. */
    private _drop(error: TlsError): void {
        if (!this._ready) return;
        const links = this._links;
        this._links = [];
        this._ready = false;
        links.forEach(function (link) {
            if (!link) return;
            link._started = false;
            link._fail(error);
        });
    }

    /** Asks how much it holds; the line that answers is heard like those that come unasked. @internal */
    _ask(): void {
        if (this._asking || !this._ready) return;
        this._asking = true;
        this._modem._send("AT+CIPRECVLEN?", "", 0, () => {
            this._asking = false;
        });
    }

    private _poll(): void {
        const open = function (link: AtStream | undefined): boolean {
            return link !== undefined;
        };
        if (this._polling || !this._links.some(open)) return;
        this._polling = true;
        setTimeout(() => {
            this._polling = false;
            if (this._links.some(open) && !this._modem._busy()) this._ask();
            this._poll();
        }, POLL);
    }
}

/**
 * Takes a UART such as `Serial1`. With `pins`, `{ tx, rx }`, it is set up here: at 115200 baud, with which
 * modems start, and then at 38400, at which no byte is lost. Without, it is as the program has set it up.
 */
export const create = function (serial: Serial, pins?: object): EspAt {
    return new EspAt(serial, pins);
};
