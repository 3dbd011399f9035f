// SPDX-License-Identifier: Apache-2.0
/**
 * `require("sntp")`: asks time servers for the time (SNTP, RFC 4330), so that the dates of
 * certificates can be checked. Over UDP where there is one, over a stream of the program's
 * otherwise, such as a modem's UDP link.
 *
 * What it cannot do: SNTP is not authenticated. Somebody between board and time server can answer
 * with a time of his own. What that buys him is that a certificate of the past, or of the future,
 * is taken: to use it he still needs its key. No time before the release of this library is taken.
 *
 * @module
 */

import { toBinary } from "./bytes.ts";
import { EARLIEST_TIME } from "./abi.gen.ts";
import { makeError, reasonOf } from "./errors.ts";
import type { TlsError } from "./errors.ts";
import type { Address, Stream } from "./host.ts";
import { Timer } from "./timer.ts";

/** A way for datagrams to one server and back. */
export interface Channel {
    /** Sends one datagram, a binary string. */
    send(data: string): void;
    /** Ends it; nothing is received afterwards. */
    close(): void;
}

/** What the module needs to know of where it runs. */
export interface SntpHost {
    /** Opens a way to a server; left out where there is no UDP. May throw. */
    open?(to: Address, received: (data: string | Uint8Array) => void, failed: (error: unknown) => void): Channel;
    /** Sets the clock, milliseconds since 1970. */
    setTime?(ms: number): void;
    /** A number from 0 to 2³²-1 that nobody can guess. */
    random(): number;
    /** Milliseconds of a clock that need not be right but must not jump. */
    ticks(): number;
}

/** Options of {@link Sntp.sync}. */
export interface SntpOptions {
    /** Time servers, asked one after the other until one gives a good answer. Default `pool.ntp.org`. */
    host?: string | string[] | undefined;
    /** UDP port, default 123. */
    port?: number | undefined;
    /** How long to wait for each server's answer, milliseconds; default 3,000. */
    timeout?: number | undefined;
    /** How often each server is asked at most; default 2. */
    attempts?: number | undefined;
    /** A stream that leads to one time server, in place of UDP; it stays open. */
    socket?: Stream | undefined;
    /** `false` only asks. Default: the host's clock is set. */
    setTime?: boolean | undefined;
}

/** What was learnt. */
export interface SntpTime {
    /** Milliseconds since 1970, at the moment of the call. */
    time: number;
    /** How much this clock was behind, milliseconds. */
    offset: number;
    /** Round trip without the server's own time, milliseconds; the error is half of it at most. */
    delay: number;
    /** The server's distance to a reference clock: 1 to 15. */
    stratum: number;
    /** Who answered. */
    host: string;
}

/** Called once, with an error or with the time. */
export type SntpCallback = (error: TlsError | undefined, result?: SntpTime) => void;

/** What `require("sntp")` offers. */
export interface Sntp {
    /**
     * Asks for the time, checks the answer, and sets the clock.
     *
     * @example
     * ```js
     * require("sntp").sync("pool.ntp.org", function (e, t) {
     *   print(e ? e.message : new Date(t.time));
     * });
     * ```
     */
    sync(options: SntpOptions | string | undefined, callback: SntpCallback): void;
}

/** Seconds between 1900 and 1970: RFC 4330 section 3. */
const SINCE_1900 = 2208988800;
/** A packet without authentication. */
const LENGTH = 48;
/** Places in it: RFC 4330 section 4. */
const ROOT_DELAY = 4;
const ROOT_DISPERSION = 8;
const REFERENCE_ID = 12;
const ORIGINATE = 24;
const RECEIVE = 32;
const TRANSMIT = 40;

const read32 = function (data: string, at: number): number {
    let value = 0;
    for (let i = 0; i < 4; i += 1) value = value * 256 + data.charCodeAt(at + i);
    return value;
};

const write32 = function (value: number): string {
    let text = "";
    for (let shift = 24; shift >= 0; shift -= 8) text += String.fromCharCode((value >>> shift) & 255);
    return text;
};

/** A timestamp in milliseconds since 1970; from 2036 on, seconds begin again at 0 (section 3). */
const readTime = function (data: string, at: number): number {
    const seconds = read32(data, at);
    const era = seconds < 0x80000000 ? 0x100000000 : 0;
    return (seconds + era - SINCE_1900) * 1000 + (read32(data, at + 4) * 1000) / 0x100000000;
};

/** Why a server does not serve, in words: RFC 4330 section 8. */
const kiss = function (code: string): string {
    if (code === "RATE") return "it is asked too often";
    if (code === "DENY" || code === "RSTR") return "it does not serve this address";
    return "it is not ready to serve";
};

/** What is wrong with an answer; empty for nothing. RFC 4330 section 5, RFC 5905 section 8. */
const faultOf = function (data: string, nonce: string): string {
    const first = data.charCodeAt(0);
    const version = (first >> 3) & 7;
    const stratum = data.charCodeAt(1);
    if (data.length < LENGTH) return "it has " + data.length + " bytes, not " + LENGTH;
    if ((first & 7) !== 4) return "its mode is " + (first & 7) + ", not 4 (server)";
    if (version < 3 || version > 4) return "its version is " + version;
    if (data.substr(ORIGINATE, 8) !== nonce) return "it answers another question (originate timestamp)";
    if (stratum === 0) {
        const code = data.substr(REFERENCE_ID, 4).replace(/[^A-Z]/g, "");
        return "kiss of death " + code + ": " + kiss(code);
    }
    if (stratum > 15) return "its stratum is " + stratum + ": it is not synchronized";
    if (first >> 6 === 3) return "its leap indicator is 3: it is not synchronized";
    if (read32(data, ROOT_DELAY) >= 0x10000 || read32(data, ROOT_DISPERSION) >= 0x10000) {
        return "it is a second or more away from its reference clock";
    }
    if (read32(data, TRANSMIT) === 0 || readTime(data, TRANSMIT) < readTime(data, RECEIVE)) {
        return "its timestamps are not in order";
    }
    if (readTime(data, TRANSMIT) < EARLIEST_TIME * 1000) {
        return "its time is " + new Date(readTime(data, TRANSMIT)).toISOString() + ", in the past";
    }
    return "";
};

/** Whether another answer to the same question may still be good: it may have been forged. */
const isForeign = function (data: string, nonce: string): boolean {
    return data.length < LENGTH || data.substr(ORIGINATE, 8) !== nonce;
};

/** The way to a server: UDP, or the stream that the program gave. */
const openChannel = function (
    host: SntpHost,
    options: SntpOptions,
    to: Address,
    received: (data: string | Uint8Array) => void,
    failed: (error: unknown) => void,
): Channel {
    const stream = options.socket;
    if (!stream) {
        if (!host.open) throw makeError("ETLS_UNSUPPORTED", "this board has no UDP: give option socket");
        return host.open(to, received, failed);
    }
    let open = true;
    stream.on("data", function (data) {
        if (open) received(data);
    });
    stream.on("close", function () {
        if (open) failed("the stream was closed");
    });
    return {
        send: function (data) {
            stream.write(data);
        },
        close: function () {
            open = false;
        },
    };
};

/** Asks one server once; calls back exactly once. */
const ask = function (host: SntpHost, options: SntpOptions, to: Address, callback: SntpCallback): void {
    const timer = new Timer();
    // Not the time: that would tell the board's clock to everybody, and could be guessed.
    const nonce = write32(host.random()) + write32(host.random());
    const limit = options.timeout || 3000;
    let channel: Channel | undefined;
    let ignored = "";
    let done = false;
    const finish = function (error: TlsError | undefined, result?: SntpTime): void {
        if (done) return;
        done = true;
        timer.stop();
        if (channel) channel.close();
        callback(error, result);
    };
    const bad = function (detail: string): void {
        finish(makeError("ETLS_SNTP_ANSWER", "the answer of time server " + to.host + " cannot be used: " + detail));
    };
    let sent = 0;
    const received = function (raw: string | Uint8Array): void {
        const data = toBinary(raw);
        const fault = faultOf(data, nonce);
        if (fault && isForeign(data, nonce)) {
            ignored = fault;
            return;
        }
        if (fault) return bad(fault);
        const now = host.ticks();
        const served = readTime(data, TRANSMIT) - readTime(data, RECEIVE);
        const delay = Math.max(now - sent - served, 0);
        const time = readTime(data, TRANSMIT) + delay / 2;
        finish(undefined, { time, offset: time - Date.now(), delay, stratum: data.charCodeAt(1), host: to.host });
    };
    const failed = function (error: unknown): void {
        finish(makeError("ETLS_CONNECT_FAILED", "could not reach time server " + to.host + ": " + reasonOf(error)));
    };
    timer.start(limit, function () {
        if (ignored) return bad(ignored);
        finish(makeError("ETLS_TIMEOUT", "no answer from time server " + to.host + " for " + limit + " ms"));
    });
    try {
        channel = openChannel(host, options, to, received, failed);
        sent = host.ticks();
        // Leap 0, version 4, mode 3 (client); all else 0 but the transmit timestamp.
        let packet = "\x23";
        while (packet.length < TRANSMIT) packet += "\0";
        channel.send(packet + nonce);
        if (done) channel.close();
    } catch (error) {
        failed(error);
    }
};

/** Makes the module for a host. */
export const createSntp = function (host: SntpHost): Sntp {
    const sync = function (given: SntpOptions | string | undefined, callback: SntpCallback): void {
        const options = typeof given === "string" ? { host: given } : given || {};
        const wanted = options.host || "pool.ntp.org";
        const servers = options.socket ? ["of option socket"] : typeof wanted === "string" ? [wanted] : wanted;
        const attempts = options.attempts || 2;
        let asked = 0;
        const next = function (): void {
            const to = { host: servers[Math.floor(asked / attempts)] as string, port: options.port || 123 };
            ask(host, options, to, function (error, result) {
                asked += 1;
                // Who answered badly, or told to go away, is not asked again: RFC 4330 section 8.
                if (error && error.code === "ETLS_SNTP_ANSWER") asked = Math.ceil(asked / attempts) * attempts;
                if (error && asked < servers.length * attempts) return next();
                if (result && options.setTime !== false && host.setTime) host.setTime(result.time);
                callback(error, result);
            });
        };
        next();
    };
    return { sync };
};
