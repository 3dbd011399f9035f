// SPDX-License-Identifier: Apache-2.0
// Runs one message through the HTTP parser, whole and in pieces.

import assert from "node:assert/strict";

import type { TlsError } from "../../modules/errors.ts";
import { DATA, HEAD, HttpParser, REQUEST, RESPONSE } from "../../modules/http_parser.ts";
import type { Fields } from "../../modules/http_fields.ts";

/** What a parser made of a message. */
export interface Outcome {
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

/** A message and what is expected of it. */
export interface Case {
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

/** Makes a test of it. */
export const check = function (test: Case): void {
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

/** A test of a response. */
export const response = (
    name: string,
    input: string,
    expect: Partial<Outcome>,
    more: Partial<Case> = {},
): void => check({ name, kind: RESPONSE, input, expect, ...more });

/** A test of a request. */
export const request = (
    name: string,
    input: string,
    expect: Partial<Outcome>,
    more: Partial<Case> = {},
): void => check({ name, kind: REQUEST, input, expect, ...more });

/** Beginnings of messages. */
export const OK = "HTTP/1.1 200 OK\r\n";
export const CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";
export const POST = "POST / HTTP/1.1\r\nHost: a\r\n";
