// SPDX-License-Identifier: Apache-2.0
// The HTTP parser on malformed messages: each is refused with its code, whole and in pieces.

import { CHUNKED, OK, POST, request, response } from "./support/http-cases.ts";
import type { Case } from "./support/http-cases.ts";

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
    refused(
        "a length and chunks",
        OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "LENGTH",
    );
    refused(
        "chunks and a length",
        OK + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "LENGTH",
    );
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
    refused(
        "chunked twice",
        OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "CODING",
    );
    refused("an unknown coding", OK + "Transfer-Encoding: xchunked\r\n\r\n", "CODING");
    refused(
        "a vertical tab before chunked",
        OK + "Transfer-Encoding: \x0bchunked\r\n\r\n",
        "SYNTAX",
    );
    refused(
        "chunks in HTTP/1.0",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "CODING",
    );
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
    refused("an end inside the body", OK + "Content-Length: 5\r\n\r\nhell", "ABORTED", {
        end: true,
    });
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
    refusedRequest(
        "a chunked request with a length",
        POST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "LENGTH",
    );
    refusedRequest(
        "a request with an unknown coding",
        POST + "Transfer-Encoding: gzip\r\n\r\n",
        "CODING",
    );
});
