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

import { makeError } from "./errors.ts";
import type { TlsError } from "./errors.ts";

/** Header fields, names in lower case; `set-cookie` is an array, all else is joined by `", "`. */
export interface Fields {
    [name: string]: string | string[] | undefined;
}

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

/** Kinds of message: a request, a response, and a response that has no body as it answers HEAD. */
export const REQUEST = 0;
export const RESPONSE = 1;
export const HEAD_RESPONSE = 2;

/** The header section's limit in bytes where a program names none. */
export const HEADER_LIMIT = 8192;

// States: those from BODY on take bytes, those before take lines.
const START = 0;
const FIELDS = 1;
const TRAILERS = 2;
const CHUNK_SIZE = 3;
const BODY = 4;
const CHUNK = 5;
const CHUNK_END = 6;
const UNTIL_CLOSE = 7;
const DONE = 8;

/** A chunk-size line with its extensions may be this long. */
const CHUNK_LINE_LIMIT = 256;

/** Makes an error about a message; `code` without `ETLS_HTTP_`. */
export const httpError = function (code: string, what: string): TlsError {
    return makeError("ETLS_HTTP_" + code, "HTTP: " + what);
};

/** Whether a comma-separated field such as `Connection` names a token (in lower case). */
export const hasToken = function (field: unknown, token: string): boolean {
    const list = "," + (field || "") + ",";
    return list.toLowerCase().replace(/[ \t]/g, "").indexOf("," + token + ",") >= 0;
};

// The functions from here to HttpParser are called in one place each: they are there for the
// reader, and become part of that place in the build for boards, where every function that is
// loaded takes memory.

const startLine = function (parser: HttpParser, line: string): void {
    const request = parser._kind === REQUEST;
    const words = line.split(" ");
    const version = (request ? words[2] : words[0]) || "";
    if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) throw httpError("SYNTAX", "this is not HTTP/1");
    parser.httpVersion = version.substr(5);
    if (request) {
        parser.method = words[0] || "";
        parser.url = words[1] || "";
        if (words.length > 3 || !parser.method || /[^!#$%&'*+\-.^_`|~0-9a-z]/i.test(parser.method)) {
            throw httpError("SYNTAX", "malformed request line");
        }
        if (!parser.url || /[^!-~]/.test(parser.url)) throw httpError("SYNTAX", "malformed request target");
    } else {
        if (!/^[1-9][0-9][0-9]$/.test(words[1] || "")) throw httpError("SYNTAX", "malformed status line");
        parser.statusCode = Number(words[1]);
        parser.statusMessage = line.substr(13);
    }
    if (parser.httpVersion !== "1.1" && parser.httpVersion !== "1.0") {
        throw httpError("VERSION", "version " + parser.httpVersion);
    }
};

const addField = function (fields: Fields, line: string): void {
    const colon = line.indexOf(":");
    const name = line.substr(0, colon).toLowerCase();
    if (colon < 1 || /[^!#$%&'*+\-.^_`|~0-9a-z]/.test(name)) throw httpError("SYNTAX", "malformed field name");
    // Not trim(): it takes away more than RFC 9110 §5.5 calls white space.
    let from = colon + 1;
    let to = line.length;
    while (line[from] === " " || line[from] === "\t") from++;
    while (to > from && (line[to - 1] === " " || line[to - 1] === "\t")) to--;
    const value = line.substring(from, to);
    // Espruino's memory is not safe against this name.
    if (name === "__proto__") return;
    const known = fields.hasOwnProperty(name) ? fields[name] : undefined;
    if (name === "set-cookie") fields[name] = ((known || []) as string[]).concat([value]);
    else fields[name] = known === undefined ? value : known + ", " + value;
};

/** The same length may stand there several times (RFC 9110 §8.6), different ones may not. */
const contentLength = function (field: string): string {
    const parts = field.split(", ");
    const first = parts[0] as string;
    const same = parts.every(function (part) {
        return part === first;
    });
    if (!same || /[^0-9]/.test(first) || !first || first.length > 15) {
        throw httpError("LENGTH", "malformed Content-Length " + field);
    }
    return first;
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
        // An interim response; the limit goes on counting, so that they cannot go on for ever.
        parser.headers = {};
        parser._state = START;
        return;
    }
    const connection = headers["connection"];
    parser.keepAlive = old ? hasToken(connection, "keep-alive") : !hasToken(connection, "close");
    parser._left = CHUNK_LINE_LIMIT;
    parser._state = BODY;
    if (parser._kind === HEAD_RESPONSE || status === 204 || status === 304) {
        // No body, whatever the header says.
    } else if (coding !== undefined) {
        if (length !== undefined) throw httpError("LENGTH", "both Content-Length and Transfer-Encoding");
        if (old || coding.toLowerCase() !== "chunked") throw httpError("CODING", "unknown transfer coding " + coding);
        parser._state = CHUNK_SIZE;
    } else if (length !== undefined) {
        headers["content-length"] = contentLength(length);
        parser._length = Number(headers["content-length"]);
    } else if (!request) {
        parser._state = UNTIL_CLOSE;
        parser.keepAlive = false;
    }
    parser._sink._parsed(HEAD, "");
};

/** A line of a header or trailer section. */
const headLine = function (parser: HttpParser, line: string): void {
    const request = parser._kind === REQUEST;
    const field = parser._field;
    if (parser._state === START) {
        if (request && line === "") return; // RFC 9112 §2.2
        startLine(parser, line);
        parser._state = FIELDS;
    } else if (line[0] === " " || line[0] === "\t") {
        // RFC 9112 §5.2; requests with such lines are refused.
        if (!field || request) throw httpError("SYNTAX", "a field over several lines");
        parser._field += line;
    } else {
        // A field is complete only when the next line does not continue it.
        if (field) addField(parser._state === FIELDS ? parser.headers : parser.trailers, field);
        parser._field = line;
        if (line === "") {
            if (parser._state === FIELDS) endHead(parser);
            else parser._state = BODY;
        }
    }
};

const chunkLine = function (parser: HttpParser, line: string): void {
    const semicolon = line.indexOf(";");
    const size = semicolon < 0 ? line : line.substr(0, semicolon);
    if (!size || /[^0-9a-f]/i.test(size) || size.replace(/^0+/, "").length > 8) {
        throw httpError("CHUNK", "malformed chunk size " + size);
    }
    parser._length = parseInt(size, 16);
    parser._state = parser._length ? CHUNK : TRAILERS;
    if (!parser._length) parser._left = parser._limit;
};

/** Takes a piece of the body; false when there is none yet. */
const takeData = function (parser: HttpParser): boolean {
    let data = parser.rest;
    if (parser._state === CHUNK_END) {
        if (data.length < 2) return false;
        if (data.substr(0, 2) !== "\r\n") throw httpError("CHUNK", "a chunk longer than its size");
        parser.rest = data.substr(2);
        parser._state = CHUNK_SIZE;
        parser._left = CHUNK_LINE_LIMIT;
        return true;
    }
    if (!data) return false;
    if (parser._state !== UNTIL_CLOSE) {
        if (data.length > parser._length) data = data.substr(0, parser._length);
        parser._length -= data.length;
    }
    parser.rest = parser.rest.substr(data.length);
    if (parser._state === CHUNK && !parser._length) parser._state = CHUNK_END;
    parser._sink._parsed(DATA, data);
    return true;
};

/** Parses one message; errors are thrown out of {@link HttpParser.feed}. */
export class HttpParser {
    /** The header section so far; the trailer section is kept apart. */
    headers: Fields = {};
    trailers: Fields = {};
    /** `"1.1"` or `"1.0"`. */
    httpVersion = "";
    /** Of a response. */
    statusCode = 0;
    statusMessage = "";
    /** Of a request. */
    method = "";
    url = "";
    /** Whether the peer lets the connection be used again after this message. */
    keepAlive = false;
    /** Something of the message has arrived. */
    started = false;
    /** While set, input is kept; call `feed("")` after clearing it. */
    paused = false;
    /** Input not yet used; after the message, what followed it. */
    rest = "";
    /** @internal */ _sink: ParserSink;
    /** @internal */ _kind: number;
    /** @internal */ _limit: number;
    /** How much the lines of this section may still have. @internal */
    _left: number;
    /** @internal */ _state = START;
    /** What is left of the body or of the chunk. @internal */
    _length = 0;
    /** A field that the next line may continue. @internal */
    _field = "";
    private _busy = false;
    private _ended: unknown = undefined;

    /** A `limit` in bytes holds for the header section and for the trailer section. */
    constructor(sink: ParserSink, kind: number, limit: number) {
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
        if (data) this.started = true;
        this.rest += data;
        if (ended !== undefined) {
            if (this._ended === undefined) this._ended = ended;
            this.keepAlive = false;
        }
        if (this._busy) return;
        this._busy = true;
        while (this._state !== DONE) {
            if (this._state === BODY && !this._length) {
                this._state = DONE;
                this._sink._parsed(END, "");
            } else if (this.paused) {
                break;
            } else if (!(this._state < BODY ? this._line() : takeData(this))) {
                if (this._ended === undefined) break;
                if (this._ended !== true) throw this._ended;
                if (this._state !== UNTIL_CLOSE) {
                    throw httpError("ABORTED", "the connection ended inside a message");
                }
                this._state = BODY; // of which nothing is left
            }
        }
        this._busy = false;
    }

    /** Takes a line; false when there is none yet. */
    private _line(): boolean {
        const end = this.rest.indexOf("\n");
        if ((end < 0 ? this.rest.length : end + 1) > this._left) {
            throw httpError("TOO_LARGE", "line or header section too long");
        }
        if (end < 0) return false;
        const line = this.rest.substr(0, end - 1);
        if (this.rest[end - 1] !== "\r" || /[^\t -~\x80-\xff]/.test(line)) {
            throw httpError("SYNTAX", "control character in a line");
        }
        this.rest = this.rest.substr(end + 1);
        this._left -= end + 1;
        if (this._state === CHUNK_SIZE) chunkLine(this, line);
        else headLine(this, line);
        return true;
    }
}
