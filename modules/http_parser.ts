// SPDX-License-Identifier: Apache-2.0
/**
 * An incremental HTTP/1.1 parser on binary strings, for responses and requests (RFC 9112).
 *
 * It is strict wherever two readers of one stream could come to differ (request smuggling,
 * RFC 9112 §6.3 and §11.2): lines end with CRLF, a message has one length, chunk sizes are
 * digits only. Whether a stream comes whole or byte by byte never changes the outcome.
 *
 * @module
 */

import { contentLength, hasToken, httpError, readFields } from "./http_fields.ts";
import type { Fields } from "./http_fields.ts";

export type { Fields };

/** The events of a {@link ParserSink}. */
export const HEAD = 0;
export const DATA = 1;
export const END = 2;

/** What a parser reports to; it may set {@link HttpParser.paused} while it is called. */
export interface ParserSink {
    /**
     * The header section is complete (HEAD), a piece of the body (DATA), or the message is complete
     * (END) and what follows stays in {@link HttpParser.rest}.
     */
    _parsed(event: number, data: string): void;
}

/** Kinds of message; the last one has no body, as it answers HEAD. */
export const REQUEST = 0;
export const RESPONSE = 1;
export const HEAD_RESPONSE = 2;

/** The header section's limit in bytes where a program names none. */
export const HEADER_LIMIT = 8192;

// States: single lines, sections of lines, pieces of the body.
const START = 0;
const CHUNK_SIZE = 1;
const FIELDS = 2;
const TRAILERS = 3;
const BODY = 4;
const CHUNK = 5;
const CHUNK_END = 6;
const UNTIL_CLOSE = 7;
const DONE = 8;

/** A chunk-size line with its extensions may be this long. */
const CHUNK_LINE_LIMIT = 256;

// Functions that are called in one place: see http_fields.ts.

const startLine = function (parser: HttpParser, line: string): void {
    const request = parser._kind === REQUEST;
    if (request && line === "") return; // RFC 9112 §2.2
    const words = line.split(" ");
    const version = (request ? words[2] : words[0]) || "";
    if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) throw httpError("SYNTAX", "this is not HTTP/1");
    parser.httpVersion = version.substr(5);
    if (request) {
        parser.method = words[0] || "";
        parser.url = words[1] || "";
        const token = parser.method && !/[^!#$%&'*+\-.^_`|~0-9a-z]/i.test(parser.method);
        const path = parser.url && !/[^!-~]/.test(parser.url);
        if (words.length > 3 || !token || !path) throw httpError("SYNTAX", "bad request line");
    } else {
        if (!/^[1-9][0-9][0-9]$/.test(words[1] || "")) throw httpError("SYNTAX", "bad status line");
        parser.statusCode = parseInt(words[1] as string, 10);
        parser.statusMessage = line.substr(13);
    }
    if (parser.httpVersion !== "1.1" && parser.httpVersion !== "1.0") {
        throw httpError("VERSION", "version " + parser.httpVersion);
    }
    parser._state = FIELDS;
};

const chunkSize = function (parser: HttpParser, line: string): void {
    const size = line.split(";")[0];
    if (!size || /[^0-9a-f]/i.test(size) || size.replace(/^0+/, "").length > 8) {
        throw httpError("CHUNK", "bad chunk size " + size);
    }
    parser._length = parseInt(size, 16);
    parser._state = parser._length ? CHUNK : TRAILERS;
    parser._left = parser._limit; // of trailers; the end of a chunk sets it anew
};

/** The header section is complete: what does the body look like (RFC 9112 §6.3)? */
const endHead = function (parser: HttpParser): void {
    const headers = parser.headers;
    const coding = headers["transfer-encoding"] as string | undefined;
    const length = headers["content-length"] as string | undefined;
    const status = parser.statusCode;
    const old = parser.httpVersion === "1.0";
    const request = parser._kind === REQUEST;
    if (!request && status < 200) {
        if (status === 101) throw httpError("UPGRADE", "the protocol was switched unasked");
        parser.headers = {}; // interim; the limit goes on counting, so that they cannot go on
        parser._state = START;
        return;
    }
    const asked = headers["connection"];
    parser.keepAlive = old ? hasToken(asked, "keep-alive") : !hasToken(asked, "close");
    parser._state = BODY;
    const chunked = !old && coding !== undefined && coding.toLowerCase() === "chunked";
    const none = parser._kind === HEAD_RESPONSE || status === 204 || status === 304;
    if (!none && coding !== undefined) {
        if (length !== undefined) throw httpError("LENGTH", "Content-Length and Transfer-Encoding");
        if (!chunked) throw httpError("CODING", "unknown transfer coding " + coding);
        parser._state = CHUNK_SIZE;
        parser._left = CHUNK_LINE_LIMIT;
    } else if (!none && length !== undefined) {
        headers["content-length"] = contentLength(length);
        parser._length = parseInt(headers["content-length"], 10);
    } else if (!none && !request) {
        parser._state = UNTIL_CLOSE;
        parser.keepAlive = false;
    }
    parser._sink._parsed(HEAD, "");
};

/** Takes a start line or a chunk size; false when it is not complete yet. */
const takeLine = function (parser: HttpParser): boolean {
    const text = parser.rest;
    const end = text.indexOf("\n");
    const line = text.substr(0, end - 1);
    if ((end < 0 ? text.length : end + 1) > parser._left) throw httpError("TOO_LARGE", "long line");
    if (end < 0) return false;
    if (text[end - 1] !== "\r" || /[^\t -~\x80-\xff]/.test(line)) {
        throw httpError("SYNTAX", "control character in a line");
    }
    parser.rest = text.substr(end + 1);
    parser._left -= end + 1;
    if (parser._state === START) startLine(parser, line);
    else chunkSize(parser, line);
    return true;
};

/** The lines of a section, of which only the last one is without CRLF. */
const splitLines = function (parser: HttpParser, section: string): string[] {
    const text = section.replace(/\r\n/g, "\n");
    if (/[^\t\n -~\x80-\xff]/.test(text)) throw httpError("SYNTAX", "control character in a line");
    if (!/\n[ \t]/.test(text)) return text.split("\n");
    // RFC 9112 §5.2
    if (parser._kind === REQUEST) throw httpError("SYNTAX", "a field over several lines");
    return text.replace(/\n[ \t]+/g, " ").split("\n");
};

/** Takes the fields of a header or trailer; false when they are not complete yet. */
const takeSection = function (parser: HttpParser): boolean {
    const text = parser.rest;
    const left = parser._left;
    const head = parser._state === FIELDS;
    const none = text.substr(0, 2) === "\r\n";
    const found = none ? undefined : text.match(/\n\r\n/);
    const end = found ? (found.index as number) : -1;
    const size = none ? 2 : end < 0 ? text.length : end + 3;
    const lines = none ? "" : text.substr(0, Math.min(end < 0 ? left : end + 1, left));
    if (lines[0] === "\n" || /[^\r]\n/.test(lines)) throw httpError("SYNTAX", "LF without CR");
    if (size > left) throw httpError("TOO_LARGE", "long header section");
    if (!none && end < 0) return false;
    parser.rest = text.substr(size);
    parser._left = left - size;
    const fields = head ? parser.headers : parser.trailers;
    if (!none) readFields(fields, splitLines(parser, text.substr(0, end - 1)));
    if (head) endHead(parser);
    else parser._state = BODY; // of which nothing is left
    return true;
};

/** Takes a piece of the body; false when there is none yet. */
const takeData = function (parser: HttpParser): boolean {
    const text = parser.rest;
    const state = parser._state;
    let length = parser._length;
    if (!text || (state === CHUNK_END && text.length < 2)) return false;
    if (state === CHUNK_END) {
        if (text.substr(0, 2) !== "\r\n") throw httpError("CHUNK", "a chunk longer than its size");
        parser.rest = text.substr(2);
        parser._state = CHUNK_SIZE;
        parser._left = CHUNK_LINE_LIMIT;
        return true;
    }
    if (state === UNTIL_CLOSE || length > text.length) length = text.length;
    parser.rest = text.substr(length);
    if (state !== UNTIL_CLOSE) parser._length -= length;
    if (state === CHUNK && !parser._length) parser._state = CHUNK_END;
    parser._sink._parsed(DATA, length === text.length ? text : text.substr(0, length));
    return true;
};

/** Parses one message; errors are thrown out of {@link HttpParser.feed}. */
export class HttpParser {
    // What is used most stands first: Espruino looks for it in this order.
    /** Input not yet used; after the message, what followed it. */
    rest = "";
    /** @internal */ _state = START;
    /** What is left of the body or of the chunk. @internal */
    _length = 0;
    /** While set, input is kept; call `feed("")` after clearing it. */
    paused = false;
    /** Something of the message has arrived. */
    started = false;
    private _busy = false;
    private _ended: unknown;
    /** @internal */ _sink: ParserSink;
    /** @internal */ _kind: number;
    /** @internal */ _limit: number;
    /** How much this section, and the interim ones before it, may still have. @internal */
    _left: number;
    /** The header section; the trailer section is kept apart. */
    headers: Fields = {};
    trailers: Fields = {};
    /** `"1.1"` or `"1.0"`. */
    httpVersion = "";
    statusCode = 0;
    statusMessage = "";
    method = "";
    url = "";
    /** Whether the peer lets the connection be used again after this message. */
    keepAlive = false;

    /** A `limit` in bytes holds for the header section and for the trailer section. */
    constructor(sink: ParserSink, kind: number, limit: number) {
        this._ended = undefined;
        this._sink = sink;
        this._kind = kind;
        this._limit = limit;
        this._left = limit;
    }

    /**
     * Takes bytes. `ended` says that the connection has ended after them: in order (`true`), or
     * with the error that is thrown once the bytes are used up.
     */
    feed(data: string, ended?: unknown): void {
        this.rest = this.rest ? this.rest + data : data;
        if (data) this.started = true;
        if (ended !== undefined) {
            if (this._ended === undefined) this._ended = ended;
            this.keepAlive = false;
        }
        if (this._busy) return;
        this._busy = true;
        while (this._state !== DONE) {
            const state = this._state;
            const take = state < FIELDS ? takeLine : state < BODY ? takeSection : takeData;
            if (state === BODY && !this._length) {
                this._state = DONE;
                this._sink._parsed(END, "");
            } else if (this.paused) {
                break;
            } else if (!take(this)) {
                if (this._ended === undefined) break;
                if (this._ended !== true) throw this._ended;
                if (state !== UNTIL_CLOSE) {
                    throw httpError("ABORTED", "the connection ended inside a message");
                }
                this._state = BODY; // of which nothing is left
            }
        }
        this._busy = false;
    }
}
