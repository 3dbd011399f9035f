// SPDX-License-Identifier: Apache-2.0
/** The C ABI: contexts and sessions asked for what cannot be, at any time of their life. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { Core } from "./support/abi.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

const { CLIENT, SERVER } = abi;
const HUGE = -1; // the largest unsigned number

let pki: Pki;
let core: Core;

const open = async (): Promise<void> => {
    pki = await cachedPki();
    core = await Core.open(131_072);
};

/** Frees the core's objects by closing it: the sanitizer would tell of what is wrong then. */
const close = (): void => core.close();

describe("ABI: contexts", () => {
    beforeEach(open);
    afterEach(close);

    it("unknown roles, options, values", () => {
        assert.equal(core.call(abi.ENTRY_CONTEXT_NEW, 2), "BAD_ARGUMENT");
        assert.equal(core.call(abi.ENTRY_CONTEXT_NEW, HUGE), "BAD_ARGUMENT");
        const context = core.context(CLIENT);
        const set = (option: number, value: number): string | number =>
            core.call(abi.ENTRY_CONTEXT_SET, context, option, value);
        for (const option of [0, 99, 1000, HUGE]) assert.equal(set(option, 1), "BAD_OPTION");
        for (const version of [0, 0x0300, 0x0302, 0x0305, HUGE]) {
            assert.equal(set(abi.OPTION_MIN_VERSION, version), "BAD_OPTION");
            assert.equal(set(abi.OPTION_MAX_VERSION, version), "BAD_OPTION");
        }
        for (const length of [0, 256, 1000, 8192, 16385, HUGE]) {
            assert.equal(set(abi.OPTION_MAX_FRAGMENT, length), "BAD_OPTION");
        }
        for (const value of [3, HUGE]) {
            assert.equal(set(abi.OPTION_VERIFY, value), "BAD_OPTION");
            assert.equal(set(abi.OPTION_PEER_INFO, value), "BAD_OPTION");
            assert.equal(set(abi.OPTION_IN_PLACE, value), "BAD_OPTION");
        }
    });

    it("a value that is refused leaves the setting as it was", () => {
        const context = core.context(CLIENT);
        core.call(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_VERIFY, 3);
        assert.equal(core.session(context, "localhost"), "NO_TRUST_ANCHOR", "still REQUIRED");
    });

    it("settings stand once a session was made", () => {
        const context = core.context(CLIENT, pki.ec);
        core.session(context, "localhost");
        const set = core.call(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_VERIFY, abi.VERIFY_NONE);
        assert.equal(set, "BAD_STATE");
    });

    it("a lowest version above the highest makes no session that could do harm", () => {
        const context = core.context(CLIENT, pki.ec);
        core.must(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_MIN_VERSION, 0x304);
        core.must(abi.ENTRY_CONTEXT_SET, context, abi.OPTION_MAX_VERSION, 0x303);
        assert.equal(typeof core.session(context, "localhost"), "string");
    });

    it("certificates and keys that are none", () => {
        const context = core.context(SERVER);
        const before = core.stat(abi.STAT_IN_USE);
        const der = Buffer.from(pki.ec.certDer);
        const bad = [
            Buffer.alloc(0), Buffer.of(0x30), Buffer.alloc(1000, 0x30), der.subarray(0, -1),
            Buffer.concat([der, Buffer.of(0)]), Buffer.from(pki.ec.certPem), Buffer.from(pki.ec.keyDer),
        ];
        for (const entry of [abi.ENTRY_CONTEXT_ADD_CA, abi.ENTRY_CONTEXT_ADD_CERT]) {
            bad.forEach((data, index) => {
                assert.equal(core.give(entry, context, data), "BAD_CERTIFICATE", `number ${index}`);
            });
        }
        assert.equal(core.stat(abi.STAT_IN_USE), before, "and nothing stays behind");
        assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, pki.ec.keyDer), "BAD_STATE");
        core.give(abi.ENTRY_CONTEXT_ADD_CERT, context, der);
        for (const data of [...bad.slice(0, 3), der, Buffer.from(pki.ec.keyPem)]) {
            assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, data), "BAD_KEY");
        }
        assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, pki.rsa.keyDer), "KEY_MISMATCH");
        assert.equal(core.session(context), "NO_CERTIFICATE");
        assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, pki.ec.keyDer), 0);
        assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, context, pki.ec.keyDer), "BAD_STATE");
    });

    it("a certificate cut at every length, a byte changed at every place: a code, no crash", () => {
        const der = Buffer.from(pki.rsa.certDer);
        let context = core.context(CLIENT);
        for (let length = 0; length < der.length; length += 1) {
            const cut = der.subarray(0, length);
            assert.equal(core.give(abi.ENTRY_CONTEXT_ADD_CA, context, cut), "BAD_CERTIFICATE");
            const changed = Buffer.from(der);
            changed[length]! ^= 0xff;
            const result = core.give(abi.ENTRY_CONTEXT_ADD_CA, context, changed);
            if (result !== 0) {
                assert.equal(result, "BAD_CERTIFICATE");
                continue;
            }
            core.must(abi.ENTRY_CONTEXT_FREE, context); // It is a change that nothing in it tells.
            context = core.context(CLIENT);
        }
    });

    it("ALPN names without length, with NUL, too long, and too many for one message", () => {
        const context = core.context(CLIENT, pki.ec);
        const add = (name: string): string | number =>
            core.give(abi.ENTRY_CONTEXT_ADD_ALPN, context, name);
        for (const name of ["", "a\0b", "x".repeat(256)]) assert.equal(add(name), "BAD_ALPN");
        assert.equal(core.call(abi.ENTRY_CONTEXT_ADD_ALPN, context, 0, 0), "BAD_ALPN");
        let added = 0;
        while (added < 400 && add("x".repeat(255)) === 0) added += 1;
        assert.equal(added, 257, "65535 bytes: RFC 7301 section 3.1");
        assert.equal(add("x".repeat(255)), "BAD_ALPN");
        const session = core.session(context, "localhost") as number;
        assert.ok(core.run(session) < 0, "no ClientHello holds them");
        core.must(abi.ENTRY_SESSION_FREE, session);
        core.must(abi.ENTRY_CONTEXT_FREE, context);
        assert.deepEqual([core.stat(abi.STAT_IN_USE), core.stat(abi.STAT_BLOCKS)], [0, 0]);
    });

    it("an own chain longer than a record fails with a code", () => {
        const server = core.must(abi.ENTRY_CONTEXT_NEW, SERVER);
        core.give(abi.ENTRY_CONTEXT_ADD_CERT, server, pki.rsa.certDer);
        for (let i = 0; i < 25; i += 1) {
            assert.equal(core.give(abi.ENTRY_CONTEXT_ADD_CERT, server, pki.rsa.certDer), 0);
        }
        assert.equal(core.give(abi.ENTRY_CONTEXT_SET_KEY, server, pki.rsa.keyDer), 0);
        const a = core.session(core.context(CLIENT, pki.rsa), "localhost") as number;
        const b = core.session(server) as number;
        while (core.carry(a, b) + core.carry(b, a) > 0);
        assert.ok(core.run(b) < 0);
    });
});

describe("ABI: sessions", () => {
    beforeEach(open);
    afterEach(close);

    it("host names, good and bad", () => {
        const context = core.context(CLIENT, pki.ec);
        const label = "a".repeat(63);
        const long = `${label}.${label}.${label}.${"b".repeat(61)}`;
        assert.equal(long.length, 253);
        for (const good of ["a", "localhost", "A.Example", "a.b.", "x_y.test", long, `${long}.`,
            "127.0.0.1", "::1", "2001:db8::1", "1.2.3.4.5"]) {
            const session = core.session(context, good);
            assert.equal(typeof session, "number", `${good}: ${session}`);
            core.must(abi.ENTRY_SESSION_FREE, session as number);
        }
        const before = core.stat(abi.STAT_IN_USE);
        for (const bad of [".", "..", ".a", "a..b", "a b", "a\0", "local\0host", "\0", "a/b", "ä", "*",
            "*.test", "[::1]", "::1%eth0", ":::1", `${label}a.b`, `${long}c`, "a".repeat(1000)]) {
            assert.equal(core.session(context, bad), "BAD_HOST_NAME", JSON.stringify(bad));
        }
        assert.equal(core.stat(abi.STAT_IN_USE), before, "and nothing stays behind");
        assert.equal(core.session(context, ""), "NO_HOST_NAME");
        const optional = core.context(CLIENT);
        core.must(abi.ENTRY_CONTEXT_SET, optional, abi.OPTION_VERIFY, abi.VERIFY_OPTIONAL);
        assert.equal(typeof core.session(optional, ""), "number");
    });

    it("without entropy or clock there is none", async () => {
        core.close();
        core = await Core.open(65536, { random: () => false });
        assert.equal(core.session(core.context(CLIENT, pki.ec), "localhost"), "NO_ENTROPY");
        core.close();
        core = await Core.open(65536, { now: () => 0 });
        assert.equal(core.session(core.context(CLIENT, pki.ec), "localhost"), "NO_CLOCK");
    });

    it("before the handshake is over", () => {
        const session = core.session(core.context(CLIENT, pki.ec), "localhost") as number;
        assert.equal(core.give(abi.ENTRY_SESSION_WRITE, session, "data"), "BAD_STATE");
        assert.equal(core.give(abi.ENTRY_SESSION_WRITE, session, ""), "BAD_STATE");
        for (const what of [abi.GET_DATA_SIZE, abi.GET_OUTPUT_SIZE, abi.GET_VERSION, abi.GET_CIPHER,
            abi.GET_MAX_WRITE, abi.GET_VERIFY_FLAGS, abi.GET_VERIFY_ERROR, abi.GET_ERROR,
            abi.GET_MBEDTLS_ERROR, abi.GET_RECORD_SIZE]) {
            assert.equal(core.get(session, what), 0, `get ${what}`);
        }
        assert.equal(core.call(abi.ENTRY_REPORT, session, abi.REPORT_PEER), 0);
        for (const entry of [abi.ENTRY_SESSION_SENT, abi.ENTRY_SESSION_READ]) {
            for (const length of [1, 1000, HUGE]) {
                assert.equal(core.call(entry, session, length), "BAD_ARGUMENT");
            }
            assert.equal(core.call(entry, session, 0), 0);
        }
    });

    it("sent and read by pieces, and never more than there is", () => {
        const [client, server] = pair();
        core.run(client);
        const size = core.get(client, abi.GET_OUTPUT_SIZE);
        assert.ok(size > 100);
        assert.equal(core.call(abi.ENTRY_SESSION_SENT, client, size + 1), "BAD_ARGUMENT");
        assert.equal(core.call(abi.ENTRY_SESSION_SENT, client, HUGE), "BAD_ARGUMENT");
        const address = core.get(client, abi.GET_OUTPUT_DATA);
        const hello = core.binding.get(address, size);
        for (let left = size; left > 0; left -= 1) {
            const rest = core.binding.get(core.get(client, abi.GET_OUTPUT_DATA), left);
            assert.equal(rest, hello.slice(size - left));
            assert.equal(core.call(abi.ENTRY_SESSION_SENT, client, 1), left - 1);
        }
        core.feed(server, hello);
        core.shakeHands(client, server);
        assert.equal(core.give(abi.ENTRY_SESSION_WRITE, client, "abc"), 3);
        core.carry(client, server);
        assert.equal(core.get(server, abi.GET_DATA_SIZE), 3);
        assert.equal(core.call(abi.ENTRY_SESSION_READ, server, 4), "BAD_ARGUMENT");
        assert.equal(core.call(abi.ENTRY_SESSION_READ, server, HUGE), "BAD_ARGUMENT");
        assert.equal(core.call(abi.ENTRY_SESSION_READ, server, 1), 2);
        assert.equal(core.data(server), "bc");
    });

    it("feeding nothing, more than a record, and while one waits", () => {
        const [client, server] = pair();
        assert.equal(core.call(abi.ENTRY_SESSION_FEED, server, 0, 0), 0);
        core.shakeHands(client, server);
        core.give(abi.ENTRY_SESSION_WRITE, client, "one");
        const one = core.output(client);
        core.give(abi.ENTRY_SESSION_WRITE, client, "two");
        const two = core.output(client);
        assert.equal(core.give(abi.ENTRY_SESSION_FEED, server, one + two), one.length);
        assert.equal(core.give(abi.ENTRY_SESSION_FEED, server, two), 0, "one waits");
        core.run(server);
        assert.equal(core.give(abi.ENTRY_SESSION_FEED, server, two), 0, "its data waits");
        assert.equal(core.data(server), "one");
        core.feed(server, two);
        assert.equal(core.data(server), "two");
    });

    it("after the end: nothing more is written, what comes is ignored", () => {
        const [client, server] = pair();
        core.shakeHands(client, server);
        assert.ok(core.must(abi.ENTRY_SESSION_SHUTDOWN, client) & abi.CLOSED);
        assert.equal(core.give(abi.ENTRY_SESSION_WRITE, client, "data"), "BAD_STATE");
        core.carry(client, server);
        assert.ok(core.run(server) & abi.PEER_CLOSED);
        assert.equal(core.give(abi.ENTRY_SESSION_FEED, server, "garbage"), 7);
        assert.equal(core.call(abi.ENTRY_SESSION_EOF, server), 0);
        assert.equal(core.call(abi.ENTRY_SESSION_EOF, client), "TRUNCATED");
    });

    it("an error stays, whatever is called", () => {
        const session = core.session(core.context(CLIENT, pki.ec), "localhost") as number;
        core.run(session);
        core.output(session);
        assert.equal(core.give(abi.ENTRY_SESSION_FEED, session, "HTTP/1.1 200"), "NOT_TLS");
        for (const entry of [abi.ENTRY_SESSION_STEP, abi.ENTRY_SESSION_EOF, abi.ENTRY_SESSION_SHUTDOWN]) {
            assert.equal(core.call(entry, session), "NOT_TLS");
        }
        assert.equal(core.give(abi.ENTRY_SESSION_WRITE, session, "x"), "NOT_TLS");
        assert.equal(core.give(abi.ENTRY_SESSION_FEED, session, "x"), "NOT_TLS");
        assert.equal(core.output(session).length, 7, "an alert");
        assert.equal(core.output(session), "");
    });

    it("unknown facts and reports", () => {
        const session = core.session(core.context(CLIENT, pki.ec), "localhost") as number;
        for (const what of [0, 99, 1000, HUGE]) {
            assert.equal(core.call(abi.ENTRY_SESSION_GET, session, what), "BAD_ARGUMENT");
        }
        for (const report of [7, 1000, HUGE]) {
            assert.equal(core.call(abi.ENTRY_REPORT, session, report), "BAD_ARGUMENT");
        }
        assert.equal(core.call(abi.ENTRY_REPORT, 0, abi.REPORT_PEER), "BAD_HANDLE");
        assert.ok(core.must(abi.ENTRY_REPORT, 0, abi.REPORT_BUILD) > 0);
        assert.equal(core.call(abi.ENTRY_REPORT, 0, 0), 0);
        assert.equal(core.must(abi.ENTRY_REPORT_DATA), 0, "dropped");
    });
});

/** A client and a server that trust each other, before their handshake. */
function pair(): [client: number, server: number] {
    const client = core.session(core.context(CLIENT, pki.ec), "localhost") as number;
    return [client, core.session(core.context(SERVER, pki.ec)) as number];
}
