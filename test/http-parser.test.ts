// SPDX-License-Identifier: Apache-2.0
// The HTTP parser on good messages: each one whole and in pieces of several sizes.

import assert from "node:assert/strict";

import { DATA, END, HEAD_RESPONSE, HttpParser, RESPONSE } from "../modules/http_parser.ts";
import type { Fields } from "../modules/http_fields.ts";
import { CHUNKED, OK, POST, request, response } from "./support/http-cases.ts";

function allBytes(): string {
    let text = "";
    for (let byte = 0; byte < 256; byte++) text += String.fromCharCode(byte);
    return text;
}

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
    response(
        "until the connection ends",
        OK + "\r\nabc\r\n",
        { body: "abc\r\n", done: true },
        {
            end: true,
        },
    );
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
    response(
        "hexadecimal in both cases",
        CHUNKED + `1a\r\n${"x".repeat(26)}\r\n0A\r\n0123456789\r\n0\r\n\r\n`,
        {
            body: "x".repeat(26) + "0123456789",
            done: true,
        },
    );
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
    response(
        "the answer to HEAD",
        OK + "Content-Length: 5\r\n\r\n",
        { body: "", done: true },
        {
            kind: HEAD_RESPONSE,
        },
    );
    response(
        "a chunked answer to HEAD",
        CHUNKED,
        { body: "", done: true },
        { kind: HEAD_RESPONSE },
    );
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
        OK +
            "A: 1\r\na: 2\r\nSet-Cookie: x=1\r\nset-cookie: y=2\r\nB:\r\nContent-Length: 0\r\n\r\n",
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
        headers: { a: "1 2 3", "content-length": "0" },
        done: true,
    });
    response(
        "names that objects have",
        OK +
            "constructor: a\r\nConstructor: b\r\n__proto__: c\r\ntoString: d\r\n" +
            "Content-Length: 0\r\n\r\n",
        {
            headers: {
                constructor: "a, b",
                tostring: "d",
                "content-length": "0",
            } as unknown as Fields,
        },
    );
    response("Connection: close", OK + "Connection: foo , Close\r\nContent-Length: 0\r\n\r\n", {
        keepAlive: false,
    });
    response("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", {
        version: "1.0",
        keepAlive: false,
    });
    response(
        "HTTP/1.0 kept alive",
        "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n",
        {
            keepAlive: true,
        },
    );
    response(
        "a header exactly at the limit",
        OK + "A: " + "x".repeat(29) + "\r\nContent-Length: 0\r\n\r\n",
        {
            done: true,
        },
        { limit: 17 + 34 + 21 },
    );
    request("a request without a body", "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\nGET", {
        method: "GET",
        url: "/a?b",
        headers: { host: "a" },
        body: "",
        done: true,
        rest: "GET",
    });
    request("empty lines before a request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", {
        done: true,
    });
    request("a request with a length", POST + "Content-Length: 3\r\n\r\nabc", {
        body: "abc",
        done: true,
    });
    request("a chunked request", POST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", {
        body: "abc",
        done: true,
    });
    request("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", { url: "*", done: true });
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
