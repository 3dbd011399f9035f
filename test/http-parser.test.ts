// SPDX-License-Identifier: Apache-2.0
// The HTTP parser: every message, good or bad, whole and in pieces of several sizes.

import assert from "node:assert/strict";

import type { TlsError } from "../modules/errors.ts";
import { DATA, END, HEAD, HEAD_RESPONSE, HttpParser, REQUEST, RESPONSE } from "../modules/http_parser.ts";
import type { Fields } from "../modules/http_parser.ts";

interface Outcome {
    status?: number;
    message?: string;
    version?: string;
    method?: string;
    url?: string;
    headers?: Fields;
    trailers?: Fields;
    keepAlive?: boolean;
    body: string;
    done: boolean;
    rest: string;
    error?: string;
}

interface Case {
    name: string;
    kind: number;
    input: string;
    limit?: number;
    /** How the connection ends after the input; by default it stays open. */
    end?: unknown;
    /** The part of the outcome that is checked. */
    expect: Partial<Outcome>;
}

const run = function (test: Case, size: number): Outcome {
    const outcome: Outcome = { body: "", done: false, rest: "" };
    const parser: HttpParser = new HttpParser(
        {
            _parsed(event, data): void {
                assert.equal(outcome.done, false, "something after the end");
                if (event === HEAD) {
                    outcome.status = parser.statusCode;
                    outcome.message = parser.statusMessage;
                    outcome.version = parser.httpVersion;
                    outcome.method = parser.method;
                    outcome.url = parser.url;
                    outcome.headers = parser.headers;
                    outcome.keepAlive = parser.keepAlive;
                    return;
                }
                assert.notEqual(outcome.headers, undefined, "nothing before the head");
                if (event === DATA) outcome.body += data;
                else outcome.done = true;
            },
        },
        test.kind,
        test.limit || 8192,
    );
    try {
        for (let at = 0; at < test.input.length; at += size) {
            parser.feed(test.input.substring(at, at + size));
        }
        if ("end" in test) parser.feed("", test.end);
        outcome.rest = parser.rest;
    } catch (error) {
        outcome.error = (error as TlsError).code;
        assert.match((error as Error).message, /\w/);
    }
    outcome.trailers = parser.trailers;
    return outcome;
};

const check = function (test: Case): void {
    it(test.name, () => {
        const whole = run(test, test.input.length || 1);
        for (const [key, value] of Object.entries(test.expect)) {
            assert.deepEqual(whole[key as keyof Outcome], value, key);
        }
        if (!("error" in test.expect)) assert.equal(whole.error, undefined);
        for (const size of [1, 2, 3, 5, 7]) {
            assert.deepEqual(run(test, size), whole, `in pieces of ${size}`);
        }
    });
};

const response = (
    name: string,
    input: string,
    expect: Partial<Outcome>,
    more: Partial<Case> = {},
): void => check({ name, kind: RESPONSE, input, expect, ...more });

const request = (
    name: string,
    input: string,
    expect: Partial<Outcome>,
    more: Partial<Case> = {},
): void => check({ name, kind: REQUEST, input, expect, ...more });

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\n";

describe("HTTP parser: good messages", () => {
    response("a response with a length", OK + "Content-Length: 5\r\n\r\nhello", {
        status: 200,
        message: "OK",
        version: "1.1",
        headers: { "content-length": "5" },
        body: "hello",
        done: true,
        keepAlive: true,
    });
    response("an empty body", OK + "Content-Length: 0\r\n\r\n", { body: "", done: true });
    response("leading zeros in a length", OK + "Content-Length: 0005\r\n\r\nhello", {
        body: "hello",
        done: true,
    });
    response("the same length twice", OK + "Content-Length: 2\r\ncontent-length: 2\r\n\r\nab", {
        headers: { "content-length": "2" },
        body: "ab",
        done: true,
    });
    response("what follows is kept", OK + "Content-Length: 1\r\n\r\nxHTTP/1.1", {
        body: "x",
        done: true,
        rest: "HTTP/1.1",
    });
    response("no reason phrase", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", {
        status: 404,
        message: "",
        done: true,
    });
    response("no blank after the status", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", {
        status: 404,
        message: "",
        done: true,
    });
    response("a reason of several words", "HTTP/1.1 404 Not  Found\r\nContent-Length: 0\r\n\r\n", {
        message: "Not  Found",
    });
    response("until the connection ends", OK + "\r\nabc\r\n", { body: "abc\r\n", done: true }, {
        end: true,
    });
    response("until it ends, still open", OK + "\r\nabc", {
        body: "abc",
        done: false,
        keepAlive: false,
    });
    response("all 256 byte values in a body", OK + "Content-Length: 256\r\n\r\n" + allBytes(), {
        body: allBytes(),
        done: true,
    });
    response("chunks", CHUNKED + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", {
        body: "hello world",
        done: true,
        keepAlive: true,
    });
    response("chunks with CRLF inside", CHUNKED + "4\r\n\r\n\r\n\r\n0\r\n\r\n", {
        body: "\r\n\r\n",
        done: true,
    });
    response("chunk extensions", CHUNKED + '3;a=b;c="d"\r\nabc\r\n0;last\r\n\r\n', {
        body: "abc",
        done: true,
    });
    response("hexadecimal in both cases", CHUNKED + `1a\r\n${"x".repeat(26)}\r\n0A\r\n0123456789\r\n0\r\n\r\n`, {
        body: "x".repeat(26) + "0123456789",
        done: true,
    });
    response("leading zeros in a chunk size", CHUNKED + "0000000000000003\r\nabc\r\n000\r\n\r\n", {
        body: "abc",
        done: true,
    });
    response("trailers", CHUNKED + "1\r\nx\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a\r\n\r\nrest", {
        body: "x",
        done: true,
        trailers: { "x-sum": "1", "set-cookie": ["a"] },
        rest: "rest",
    });
    response("Chunked in capitals", OK + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", {
        done: true,
    });
    response("the answer to HEAD", OK + "Content-Length: 5\r\n\r\n", { body: "", done: true }, {
        kind: HEAD_RESPONSE,
    });
    response("a chunked answer to HEAD", CHUNKED, { body: "", done: true }, { kind: HEAD_RESPONSE });
    response("204", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, done: true });
    response("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", {
        done: true,
        body: "",
    });
    response(
        "interim responses",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" +
            OK +
            "Content-Length: 1\r\n\r\nx",
        { status: 200, headers: { "content-length": "1" }, body: "x", done: true },
    );
    response(
        "repeated fields and cookies",
        OK + "A: 1\r\na: 2\r\nSet-Cookie: x=1\r\nset-cookie: y=2\r\nB:\r\nContent-Length: 0\r\n\r\n",
        {
            headers: { a: "1, 2", "set-cookie": ["x=1", "y=2"], b: "", "content-length": "0" },
        },
    );
    response("white space around values", OK + "A: \t 1 2\t \r\nB:3\r\nContent-Length: 0\r\n\r\n", {
        headers: { a: "1 2", b: "3", "content-length": "0" },
    });
    response("no-break space is no white space", OK + "A: \xa01\xa0\r\nContent-Length: 0\r\n\r\n", {
        headers: { a: "\xa01\xa0", "content-length": "0" },
    });
    response("a folded field", OK + "A: 1\r\n 2\r\n\t3\r\nContent-Length:\r\n 0\r\n\r\n", {
        headers: { a: "1 2\t3", "content-length": "0" },
        done: true,
    });
    response(
        "names that objects have",
        OK + "constructor: a\r\nConstructor: b\r\n__proto__: c\r\ntoString: d\r\nContent-Length: 0\r\n\r\n",
        {
            headers: { constructor: "a, b", tostring: "d", "content-length": "0" } as unknown as Fields,
        },
    );
    response("Connection: close", OK + "Connection: foo , Close\r\nContent-Length: 0\r\n\r\n", {
        keepAlive: false,
    });
    response("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", {
        version: "1.0",
        keepAlive: false,
    });
    response("HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", {
        keepAlive: true,
    });
    response("a header exactly at the limit", OK + "A: " + "x".repeat(29) + "\r\nContent-Length: 0\r\n\r\n", {
        done: true,
    }, { limit: 17 + 34 + 21 });
    request("a request without a body", "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\nGET", {
        method: "GET",
        url: "/a?b",
        headers: { host: "a" },
        body: "",
        done: true,
        rest: "GET",
    });
    request("empty lines before a request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", { done: true });
    request("a request with a length", POST + "Content-Length: 3\r\n\r\nabc", { body: "abc", done: true });
    request("a chunked request", POST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", {
        body: "abc",
        done: true,
    });
    request("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", { url: "*", done: true });
});

describe("HTTP parser: malformed messages", () => {
    const refused = (name: string, input: string, code: string, more: Partial<Case> = {}): void =>
        response(name, input, { error: "ETLS_HTTP_" + code, done: false }, more);
    const refusedRequest = (name: string, input: string, code: string): void =>
        request(name, input, { error: "ETLS_HTTP_" + code, done: false });

    refused("garbage", "SSH-2.0-OpenSSH_9.2\r\n", "SYNTAX");
    refused("an empty line first", "\r\n" + OK, "SYNTAX");
    refused("no version", "200 OK\r\n\r\n", "SYNTAX");
    refused("HTTP in lower case", "http/1.1 200 OK\r\n\r\n", "SYNTAX");
    refused("HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", "VERSION");
    refused("HTTP/0.9", "HTTP/0.9 200 OK\r\n\r\n", "VERSION");
    refused("a version of two digits", "HTTP/1.10 200 OK\r\n\r\n", "SYNTAX");
    refused("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "SYNTAX");
    refused("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "SYNTAX");
    refused("a status that is no number", "HTTP/1.1 2x0 OK\r\n\r\n", "SYNTAX");
    refused("a negative status", "HTTP/1.1 -20 OK\r\n\r\n", "SYNTAX");
    refused("two blanks before the status", "HTTP/1.1  200 OK\r\n\r\n", "SYNTAX");
    refused("101 unasked", "HTTP/1.1 101 Switching\r\n\r\n", "UPGRADE");
    refused("a line that ends with LF", OK + "A: 1\nB: 2\r\n\r\n", "SYNTAX");
    refused("a first line that ends with LF", "HTTP/1.1 200 OK\n\n", "SYNTAX");
    refused("CR inside a line", OK + "A: 1\rB: 2\r\n\r\n", "SYNTAX");
    refused("CR CR LF", OK + "A: 1\r\r\n\r\n", "SYNTAX");
    refused("NUL in a value", OK + "A: 1\0\r\n\r\n", "SYNTAX");
    refused("a control character in a value", OK + "A: \x01\r\n\r\n", "SYNTAX");
    refused("DEL in a value", OK + "A: \x7f\r\n\r\n", "SYNTAX");
    refused("a control character in the reason", "HTTP/1.1 200 O\x0bK\r\n\r\n", "SYNTAX");
    refused("no colon", OK + "A 1\r\n\r\n", "SYNTAX");
    refused("no name", OK + ": 1\r\n\r\n", "SYNTAX");
    refused("a blank before the colon", OK + "Content-Length : 5\r\n\r\n", "SYNTAX");
    refused("a blank in a name", OK + "Content Length: 5\r\n\r\n", "SYNTAX");
    refused("a name outside ASCII", OK + "Caf\xe9: 1\r\n\r\n", "SYNTAX");
    refused("a folded line before any field", OK + " A: 1\r\n\r\n", "SYNTAX");
    refused("two lengths", OK + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "LENGTH");
    refused("two lengths in one field", OK + "Content-Length: 1, 2\r\n\r\n", "LENGTH");
    refused("a length and chunks", OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "LENGTH");
    refused("chunks and a length", OK + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "LENGTH");
    refused("a negative length", OK + "Content-Length: -1\r\n\r\n", "LENGTH");
    refused("a length with a sign", OK + "Content-Length: +1\r\n\r\n", "LENGTH");
    refused("an empty length", OK + "Content-Length: \r\n\r\n", "LENGTH");
    refused("a hexadecimal length", OK + "Content-Length: 0x1\r\n\r\n", "LENGTH");
    refused("a length with a fraction", OK + "Content-Length: 1.0\r\n\r\n", "LENGTH");
    refused("a length with an exponent", OK + "Content-Length: 1e3\r\n\r\n", "LENGTH");
    refused("a length with a blank inside", OK + "Content-Length: 1 2\r\n\r\n", "LENGTH");
    refused("a length with a no-break space", OK + "Content-Length: 1\xa0\r\n\r\n", "LENGTH");
    refused("a huge length", OK + "Content-Length: 99999999999999999999\r\n\r\n", "LENGTH");
    refused("gzip as transfer coding", OK + "Transfer-Encoding: gzip, chunked\r\n\r\n", "CODING");
    refused("identity as transfer coding", OK + "Transfer-Encoding: identity\r\n\r\n", "CODING");
    refused("chunked twice", OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "CODING");
    refused("an unknown coding", OK + "Transfer-Encoding: xchunked\r\n\r\n", "CODING");
    refused("a vertical tab before chunked", OK + "Transfer-Encoding: \x0bchunked\r\n\r\n", "SYNTAX");
    refused("chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "CODING");
    refused("a chunk size that is no number", CHUNKED + "xyz\r\n", "CHUNK");
    refused("an empty chunk size", CHUNKED + "\r\n", "CHUNK");
    refused("a chunk size with 0x", CHUNKED + "0x5\r\nhello\r\n", "CHUNK");
    refused("a negative chunk size", CHUNKED + "-5\r\nhello\r\n", "CHUNK");
    refused("a chunk size with a blank before", CHUNKED + " 5\r\nhello\r\n", "CHUNK");
    refused("a chunk size with a blank behind", CHUNKED + "5 \r\nhello\r\n", "CHUNK");
    refused("a chunk size over 32 bits", CHUNKED + "100000000\r\n", "CHUNK");
    refused("a chunk size over 64 bits", CHUNKED + "fffffffffffffffff\r\n", "CHUNK");
    refused("a chunk-size line that ends with LF", CHUNKED + "5\nhello\r\n", "SYNTAX");
    refused("a chunk longer than its size", CHUNKED + "3\r\nhello\r\n0\r\n\r\n", "CHUNK");
    refused("a chunk that ends with LF", CHUNKED + "5\r\nhello\n0\r\n\r\n", "CHUNK");
    refused("a long chunk extension", CHUNKED + "5;" + "x".repeat(300) + "\r\n", "TOO_LARGE");
    refused("LF in a chunk extension", CHUNKED + "5;a\nb\r\n", "SYNTAX");
    refused("a bad trailer", CHUNKED + "0\r\nA 1\r\n\r\n", "SYNTAX");
    refused("too long a trailer section", CHUNKED + "0\r\nA: " + "x".repeat(9000), "TOO_LARGE");
    refused("too long a status line", "HTTP/1.1 200 " + "x".repeat(9000) + "\r\n", "TOO_LARGE");
    refused("a line without end", "x".repeat(9000), "TOO_LARGE");
    refused("too many fields", OK + "A: 1\r\n".repeat(2000) + "\r\n", "TOO_LARGE");
    refused("too many interim responses", "HTTP/1.1 102 P\r\n\r\n".repeat(600), "TOO_LARGE");
    refused("a header one byte over the limit", OK + "A: 1\r\n\r\n", "TOO_LARGE", { limit: 24 });
    refused("an end inside the header", OK + "A: 1", "ABORTED", { end: true });
    refused("an end inside the body", OK + "Content-Length: 5\r\n\r\nhell", "ABORTED", { end: true });
    refused("an end inside a chunk", CHUNKED + "5\r\nhel", "ABORTED", { end: true });
    refused("an end between chunks", CHUNKED + "5\r\nhello\r\n", "ABORTED", { end: true });
    refused("an end before the last empty line", CHUNKED + "0\r\n", "ABORTED", { end: true });
    refused("an end in disorder", OK + "\r\nabc", "TEST", {
        end: Object.assign(new Error("cut off"), { code: "ETLS_HTTP_TEST" }),
    });

    refusedRequest("no target", "GET HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("no version in a request", "GET /\r\n\r\n", "SYNTAX");
    refusedRequest("a blank in the target", "GET /a b HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("two blanks in the request line", "GET  / HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("a tab in the request line", "GET\t/ HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("a target outside ASCII", "GET /\xe9 HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("a method that is no token", "GE(T / HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("an empty method", " / HTTP/1.1\r\n\r\n", "SYNTAX");
    refusedRequest("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "VERSION");
    refusedRequest("TLS on the plain port", "\x16\x03\x01\x02\x00\x01\n", "SYNTAX");
    refusedRequest("a folded field in a request", POST + "A: 1\r\n 2\r\n\r\n", "SYNTAX");
    refusedRequest("a chunked request with a length", POST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "LENGTH");
    refusedRequest("a request with an unknown coding", POST + "Transfer-Encoding: gzip\r\n\r\n", "CODING");
});

describe("HTTP parser: pausing", () => {
    const message = CHUNKED + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    it("keeps input while paused and goes on in order", () => {
        const seen: string[] = [];
        const parser: HttpParser = new HttpParser(
            {
                _parsed(event, data): void {
                    if (event === DATA) seen.push(data);
                    if (event === END) seen.push("done");
                    parser.paused = true;
                },
            },
            RESPONSE,
            8192,
        );
        parser.feed(message);
        assert.deepEqual(seen, []);
        parser.feed("", true);
        parser.paused = false;
        parser.feed("");
        assert.deepEqual(seen, ["abc"]);
        parser.paused = false;
        parser.feed("");
        assert.deepEqual(seen, ["abc", "def"]);
        parser.paused = false;
        parser.feed("");
        assert.deepEqual(seen, ["abc", "def", "done"]);
    });
});

function allBytes(): string {
    let text = "";
    for (let byte = 0; byte < 256; byte++) text += String.fromCharCode(byte);
    return text;
}
