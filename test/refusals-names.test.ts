// SPDX-License-Identifier: Apache-2.0
/**
 * What a certificate is valid for, both ways, and what is refused before anything is sent.
 */
import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import type { TLSSocket as NodeSocket } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { Stream } from "../modules/host.ts";
import type { ConnectOptions } from "../modules/tls.ts";
import type { EspruinoTls, OpenOptions } from "../wasm/node.ts";
import { assertGood, assertRefused, attempt, EARLY, watchHeap, type Attempt } from "./support/attempt.ts";
import { rawServer } from "./support/bad-servers.ts";
import { openCore } from "./support/core.ts";
import { cachedPki, type Identity, type Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { nodeTlsServer, type Server } from "./support/servers.ts";

/** SAN: localhost, *.example.test, server.example.test, 127.0.0.1, ::1. With the SNI that is sent. */
const GOOD: Record<string, string | false> = {
    "localhost": "localhost",
    "LOCALHOST": "localhost",
    "LocalHost.": "localhost",
    "server.example.test": "server.example.test",
    "a.example.test": "a.example.test",
    "A.Example.TEST.": "a.example.test",
    "x--1_b.example.test": "x--1_b.example.test",
    // RFC 6066 section 3: no SNI for addresses.
    "127.0.0.1": false,
    "::1": false,
    "0:0:0:0:0:0:0:1": false,
    "0000::0001": false,
};

const MISMATCH = [
    "example.test", "example.test.", "a.b.example.test", "aexample.test", "b.test", "test",
    "localhost.example.org", "xlocalhost", "localhos", "localhostx", "a.localhost", "server",
    "127.0.0.2", "0.0.0.0", "127.0.0.1.example.test", "127.0.0.01", "2130706433", "0x7f000001",
    "::2", "::", "::ffff:127.0.0.1", "::127.0.0.1", "7f00:1::",
    `${"x.".repeat(126)}y`,
];

const MALFORMED = [
    ".", "..", ".localhost", "localhost..", "a..example.test", " localhost", "localhost ", "a b",
    "localhost\0", "localhost\0.evil.test", "localhost\n", "[::1]", "::1%lo", "localhost:443",
    "https://localhost", "localhost/", "user@localhost", "*.example.test", "*", "local,host",
    "l\xf6calhost", "\u016cocalhost", "\u{1f512}.example.test",
    `${"x".repeat(64)}.example.test`, `${"x.".repeat(126)}yy`, "y".repeat(300), "z".repeat(30000),
];

describe("names and preconditions", function () {
    this.timeout(30_000);
    let pki: Pki;
    let core: EspruinoTls;
    let good: Server;
    let asked: (string | false | null)[] = [];

    const accept = (socket: NodeSocket): void => {
        asked.push((socket as NodeSocket & { servername: string | false | null }).servername);
        socket.on("data", () => socket.end());
    };

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
        core = await openCore();
        good = await nodeTlsServer({ identity: pki.ec, accept });
    });
    after(async () => {
        core.close();
        await good.close();
    });

    /** Connects to the good server, or as told, and looks that the heap is the same after. */
    const connect = async (options: ConnectOptions, to: EspruinoTls = core): Promise<Attempt> => {
        const checkHeap = watchHeap(to);
        const base = { host: "127.0.0.1", port: good.port, servername: "localhost" };
        const result = await attempt(to, { ...base, ca: pki.ec.rootPem, ...options });
        checkHeap();
        return result;
    };

    for (const [servername, sni] of Object.entries(GOOD)) {
        it(`takes ${servername}`, async () => {
            asked = [];
            assertGood(await connect({ servername }));
            assert.deepEqual(asked, [sni]);
        });
    }

    it("refuses names that are not quite those of the certificate", async () => {
        for (const servername of MISMATCH) {
            const error = assertRefused(await connect({ servername }), "ETLS_CERT_NAME_MISMATCH");
            assert.ok(error.message.includes(`certificate is not for ${servername}:`), error.message);
            assert.match(error.message, /DNS:localhost, DNS:\*\.example\.test, .*IP Address:127\.0\.0\.1/);
        }
    });

    it("matches an address with an address only, a name with a name only", async () => {
        const identity: Identity = pki.bad.wrongHost; // DNS:other.example.org, IP:192.0.2.1
        const server = await nodeTlsServer({ identity, accept });
        for (const servername of ["other.example.org", "192.0.2.1"]) {
            assertGood(await connect({ port: server.port, servername }));
        }
        for (const servername of ["192.0.2.10", "92.0.2.1", "::192.0.2.1", "c000:201::", "org"]) {
            const result = await connect({ port: server.port, servername });
            assertRefused(result, "ETLS_CERT_NAME_MISMATCH");
        }
        await server.close();
    });

    /** Connects where nothing may arrive, not even a SYN. */
    const refusedAtHome = async (
        options: ConnectOptions,
        code: string,
        to: EspruinoTls = core,
    ): Promise<string> => {
        let arrived = 0;
        const server = await rawServer(() => arrived++, () => undefined);
        const { message } = assertRefused(await connect({ port: server.port, ...options }, to), code);
        assert.equal(arrived, 0, "a connection was made");
        assert.doesNotMatch(message, /\bunknown\b(?! option)|undefined|NaN|\{/);
        await server.close();
        return message;
    };

    it("refuses what is no host name, before anything is sent", async () => {
        for (const servername of MALFORMED) {
            const message = await refusedAtHome({ servername }, "ETLS_BAD_HOST_NAME");
            assert.ok(message.includes(servername), message);
        }
    });

    it("refuses a stream without a host name, and takes it with one", async () => {
        const open = async (): Promise<Stream> => {
            const socket = connectTcp(good.port, "127.0.0.1");
            await new Promise<void>((resolve) => socket.once("connect", resolve));
            return {
                write: (data) => socket.write(data, "latin1"),
                end: () => void socket.end(),
                destroy: () => void socket.destroy(),
                on: (event: string, listener: (value: never) => void) =>
                    socket.on(event, listener as () => void),
            } as Stream;
        };
        const ca = pki.ec.rootPem;
        const checkHeap = watchHeap(core);
        for (const host of [undefined, ""]) {
            const socket = await open();
            assertRefused(await attempt(core, { socket, host, ca }), "ETLS_NO_HOST_NAME");
            socket.destroy?.();
        }
        assertGood(await attempt(core, { socket: await open(), servername: "localhost", ca }));
        checkHeap();
    });

    it("refuses to trust nobody", async () => {
        for (const ca of [[], [[]], () => []]) {
            const message = await refusedAtHome({ ca }, "ETLS_NO_TRUST_ANCHOR");
            assert.match(message, /option ca/);
        }
        const checkHeap = watchHeap(core);
        const secureContext = core.tls.createSecureContext({ ca: [] });
        const to = { host: "localhost", port: good.port, secureContext };
        assertRefused(await attempt(core, to), "ETLS_NO_TRUST_ANCHOR");
        secureContext.free();
        checkHeap();
    });

    /** A core of its own, which then works when what it lacked is there. */
    const withCore = async (open: OpenOptions, test: (other: EspruinoTls) => Promise<void>): Promise<void> => {
        const other = await openCore(open);
        await test(other);
        other.close();
    };

    it("refuses without a clock, or with one from before the first release", async () => {
        let now = 0;
        await withCore({ now: () => now }, async (other) => {
            const last = Date.UTC(2025, 11, 31, 23, 59, 59);
            for (const time of [0, NaN, -1, 1000, last]) {
                now = time;
                const message = await refusedAtHome({}, "ETLS_NO_CLOCK", other);
                const says = time > 0 ? new Date(time).toISOString().slice(0, 19) : "nothing";
                assert.ok(message.includes(`it says ${says}`), message);
            }
            now = Date.now();
            assertGood(await connect({}, other));
        });
    });

    it("believes its clock and says what it shows", async () => {
        const start = Date.now();
        for (const [days, code] of [[200, "EXPIRED"], [-200, "NOT_YET_VALID"]] as const) {
            const now = start + days * 86_400_000;
            await withCore({ now: () => Math.max(now, Date.UTC(2026, 0, 2)) }, async (other) => {
                const { message } = assertRefused(await connect({}, other), `ETLS_CERT_${code}`);
                const says = new Date(Math.max(now, Date.UTC(2026, 0, 2))).toISOString().slice(0, 10);
                assert.ok(message.includes(`the clock says ${says}`), message);
            });
        }
    });

    it("refuses without entropy, and goes on when there is some", async () => {
        let works = false;
        const random = (out: Uint8Array): boolean => {
            out.set(crypto.getRandomValues(new Uint8Array(out.length)));
            return works;
        };
        await withCore({ random }, async (other) => {
            await refusedAtHome({}, "ETLS_NO_ENTROPY", other);
            await refusedAtHome({ cert: pki.clients.ec.chainPem, key: pki.clients.ec.keyPem }, "ETLS_NO_ENTROPY", other);
            works = true;
            assertGood(await connect({}, other));
        });
    });

    it("refuses certificates and keys that cannot be loaded, and says which", async () => {
        const { ec, rsa } = pki.clients;
        const [cert, key] = [ec.chainPem, ec.keyPem];
        const cut = key.slice(0, 100);
        const damaged = Buffer.from(ec.keyDer).fill(0xff, 3, 20);
        const other = Buffer.from(ec.keyDer).fill(0x11, 40, 50); // another number, so another key
        const broken = Buffer.from(pki.ec.rootDer).fill(0xff, 20, 40);
        const both = { cert, key };
        const cases: [ConnectOptions, string, RegExp][] = [
            [{ ...both, key: rsa.keyPem }, "ETLS_KEY_MISMATCH", /cert\[0\]/],
            [{ ...both, key: pki.ec.keyPem }, "ETLS_KEY_MISMATCH", /cert\[0\]/],
            [{ ...both, key: other }, "ETLS_KEY_MISMATCH", /cert\[0\]/],
            [{ ...both, key: cert }, "ETLS_BAD_KEY", /^key .* a certificate$/],
            [{ ...both, key: [key, rsa.keyPem] }, "ETLS_BAD_KEY", /2 keys/],
            [{ ...both, key: cut }, "ETLS_BAD_KEY", /cut off/],
            [{ ...both, key: ec.keyDer.subarray(0, 50) }, "ETLS_BAD_KEY", /cut off: 50 of \d+ bytes/],
            [{ ...both, key: damaged }, "ETLS_BAD_KEY", /^key\[0\] .*(damaged|another kind)/],
            [{ ...both, key: key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") }, "ETLS_BAD_KEY", /decrypt/],
            [{ ...both, key: "" }, "ETLS_BAD_KEY", /empty/],
            [{ key }, "ETLS_BAD_KEY", /give cert too/],
            [{ ...both, cert: key }, "ETLS_BAD_CERTIFICATE", /^cert .* a private key$/],
            [{ ...both, cert: cert.slice(0, 200) }, "ETLS_BAD_CERTIFICATE", /^cert .*cut off/],
            [{ ca: key }, "ETLS_BAD_CERTIFICATE", /^ca .* a private key$/],
            [{ ca: "" }, "ETLS_BAD_CERTIFICATE", /^ca .*empty/],
            [{ ca: "no such file" }, "ETLS_BAD_CERTIFICATE", /no file no such file/],
            [{ ca: broken }, "ETLS_BAD_CERTIFICATE", /^ca\[0\] .*damaged/],
            [{ ca: [pki.ec.rootPem, broken] }, "ETLS_BAD_CERTIFICATE", /^ca\[1\] .*damaged/],
            [{ ca: Buffer.concat([pki.ec.rootDer, Buffer.of(0)]) }, "ETLS_BAD_CERTIFICATE", /^ca /],
            [{ ca: `<!DOCTYPE html>${" ".repeat(200)}` }, "ETLS_BAD_CERTIFICATE", /HTML/],
            [{ ca: pki.ec.rootPem.replace(/\n..../, "\n!!!!") }, "ETLS_BAD_CERTIFICATE", /base64/],
            [{ minVersion: "TLSv1.3", maxVersion: "TLSv1.2" }, "ETLS_BAD_OPTION", /minVersion/],
            [{ minVersion: "TLSv1.1" as "TLSv1.2" }, "ETLS_BAD_OPTION", /TLSv1\.1/],
            [{ ALPNProtocols: [""] }, "ETLS_BAD_ALPN", /1 to 255/],
            [{ ALPNProtocols: ["x".repeat(256)] }, "ETLS_BAD_ALPN", /1 to 255/],
        ];
        for (const [options, code, words] of cases) {
            assert.match(await refusedAtHome(options, code), words);
        }
        assertGood(await connect(both));
    });

    it("sends what was written and ended before the handshake", async () => {
        let received = "";
        const server = await nodeTlsServer({
            identity: pki.ec,
            accept: (socket) => socket.on("data", (data) => (received += data.toString("latin1"))),
        });
        const checkHeap = watchHeap(core);
        const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
        await new Promise((resolve) => core.tls.connect(to).on("close", resolve).end(EARLY));
        checkHeap();
        assert.equal(received, EARLY);
        await server.close();
    });
});
