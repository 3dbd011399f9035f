// SPDX-License-Identifier: Apache-2.0
/** Verification and its reports, beside those of Node's own `tls.connect` with the same options and servers. */
import assert from "node:assert/strict";
import * as nodeTls from "node:tls";
import { after, before, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { closeClean, openCore } from "./support/core.ts";
import { cachedPki } from "./support/pki.ts";
import type { BadName, Pki } from "./support/pki.ts";
import { nodeTlsServer } from "./support/servers.ts";
import type { Server, Version } from "./support/servers.ts";

/** What a program sees of a connection, with the names that both have. */
interface Seen {
    secured: boolean;
    authorized: boolean;
    authorizationError: unknown;
    /** The `code` of the error that ended it, or its message. */
    error: string | undefined;
    alpn: unknown;
    protocol: unknown;
    reused: unknown;
    encrypted: unknown;
    connecting: unknown;
    subject: unknown;
    session: boolean;
}

/** What both have of sockets. */
interface AnySocket {
    authorized: boolean;
    authorizationError?: unknown;
    alpnProtocol: unknown;
    encrypted: unknown;
    connecting: unknown;
    getProtocol(): unknown;
    isSessionReused(): boolean;
    getSession(): unknown;
    getPeerCertificate(): { subject?: { [key: string]: unknown } } | null; // Node: {} when it was not sent
    on(event: string, listener: (value: never) => void): unknown;
    write(data: string): unknown;
    end(): unknown;
}
type Connect = (options: object, callback: () => void) => AnySocket;

/** Connects, has a byte echoed, and tells what was seen. */
const look = (connect: Connect, options: object): Promise<Seen> =>
    new Promise((resolve) => {
        const seen = { secured: false, error: undefined } as Seen;
        const socket = connect(options, () => {
            Object.assign(seen, { secured: true, protocol: socket.getProtocol(), reused: socket.isSessionReused() });
            Object.assign(seen, { alpn: socket.alpnProtocol, encrypted: socket.encrypted, connecting: socket.connecting });
            seen.subject = socket.getPeerCertificate()?.subject?.["CN"];
            socket.write("x");
        });
        socket.on("data", () => {
            seen.session = socket.getSession() !== undefined;
            socket.end();
        });
        socket.on("error", (error: Error & { code?: string }) => (seen.error = error.code ?? error.message));
        socket.on("close", () => {
            seen.authorized = socket.authorized;
            seen.authorizationError = socket.authorizationError ?? undefined; // Node: null
            resolve(seen);
        });
    });

/** Node's code for what ours is. Its wrong host and ours have other words for the same. */
const CODES: [name: BadName, node: string | RegExp, ours: string][] = [
    ["expired", "CERT_HAS_EXPIRED", "ETLS_CERT_EXPIRED"],
    ["notYetValid", "CERT_NOT_YET_VALID", "ETLS_CERT_NOT_YET_VALID"],
    ["wrongHost", "ERR_TLS_CERT_ALTNAME_INVALID", "ETLS_CERT_NAME_MISMATCH"],
    ["selfSigned", "DEPTH_ZERO_SELF_SIGNED_CERT", "ETLS_CERT_SELF_SIGNED"],
    ["unknownIssuer", /^UNABLE_TO_(GET_ISSUER_CERT(_LOCALLY)?|VERIFY_LEAF_SIGNATURE)$/, "ETLS_CERT_UNKNOWN_ISSUER"],
    ["missingIntermediate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ETLS_CERT_MISSING_INTERMEDIATE"],
    ["expiredIntermediate", "CERT_HAS_EXPIRED", "ETLS_CERT_EXPIRED"],
    ["wrongEku", "INVALID_PURPOSE", "ETLS_CERT_EXT_KEY_USAGE"],
    ["intermediateNoCa", /^INVALID_(CA|PURPOSE)$/, "ETLS_CERT_NOT_CA"],
    ["pathLength", "PATH_LENGTH_EXCEEDED", "ETLS_CERT_PATH_LENGTH"],
];

for (const version of ["1.2", "1.3"] as const satisfies Version[]) {
    describe(`as Node's tls.connect, TLS ${version}`, () => {
        let pki: Pki;
        let core: EspruinoTls;
        let server: Server;
        const connects: [node: Connect, ours: Connect] = [
            (options, callback) => nodeTls.connect(options, callback) as unknown as AnySocket,
            (options, callback) => core.tls.connect(options as ConnectOptions, callback) as unknown as AnySocket,
        ];
        const both = (options: object): Promise<[node: Seen, ours: Seen]> =>
            Promise.all([look(connects[0], options), look(connects[1], options)]);
        const to = (more: object = {}): object => ({ host: "localhost", port: server.port, ca: pki.ec.rootPem, ...more });

        before(async () => {
            pki = await cachedPki();
            core = await openCore();
            server = await nodeTlsServer({ identity: pki.ec, version, tls: { ALPNProtocols: ["mqtt", "x"] } });
        });
        after(async () => {
            await server.close();
            await closeClean(core);
        });

        for (const [name, theirs, code] of CODES) {
            it(`${name}: refused, and reported with rejectUnauthorized: false`, async () => {
                const { host, rootPem: ca } = pki.bad[name];
                const bad = await nodeTlsServer({ identity: pki.bad[name], version });
                const options = { host: "localhost", servername: host, port: bad.port, ca };
                for (const strict of [{}, { rejectUnauthorized: true }, { rejectUnauthorized: undefined }]) {
                    const [node, ours] = await both({ ...options, ...strict });
                    assert.match(node.error ?? "none", new RegExp(theirs));
                    assert.equal(ours.error, code);
                    for (const { secured, authorized } of [node, ours]) assert.deepEqual([secured, authorized], [false, false]);
                }
                const [node, ours] = await both({ ...options, rejectUnauthorized: false });
                assert.match(String(node.authorizationError), new RegExp(theirs));
                assert.equal(ours.authorizationError, code);
                const same = { authorizationError: "" };
                assert.deepEqual({ ...ours, ...same }, { ...node, ...same });
                assert.deepEqual([ours.secured, ours.authorized, ours.error], [true, false, undefined]);
                await bad.close();
            });
        }

        it("a good server: authorized, and the same facts, with and without ALPN", async () => {
            for (const more of [{}, { ALPNProtocols: ["x"] }, { ALPNProtocols: ["y", "mqtt"] }, { rejectUnauthorized: false }]) {
                const [node, ours] = await both(to(more));
                assert.deepEqual(ours, node);
                assert.deepEqual([ours.secured, ours.authorized, ours.authorizationError], [true, true, undefined]);
                assert.deepEqual([ours.protocol, ours.subject, ours.session], [`TLSv${version}`, "server", true]);
            }
        });

        it("no ALPN protocol in common: both are refused by the server", async () => {
            const [node, ours] = await both(to({ ALPNProtocols: ["h2"] }));
            assert.match(node.error ?? "", /ALERT_NO_APPLICATION_PROTOCOL/);
            assert.equal(ours.error, "ETLS_ALERT_NO_APPLICATION_PROTOCOL");
        });

        it("checkServerIdentity: asked with name and certificate, refuses by what it returns", async () => {
            const seen: unknown[] = [];
            const check = (error?: Error) => (name: string, certificate: { subject: { CN?: unknown } }): Error | undefined => {
                seen.push([name, certificate.subject.CN]);
                return error;
            };
            const coded = Object.assign(new Error("not this one"), { code: "NOT_THIS" });
            const plain = new Error("no");
            for (const [error, says] of [[undefined, undefined], [plain, "no"], [coded, "NOT_THIS"]] as const) {
                for (const rejectUnauthorized of [true, false]) {
                    const options = to({ checkServerIdentity: check(error), rejectUnauthorized, servername: "server.example.test" });
                    const [node, ours] = await both(options);
                    // What Node reports beside the error that it throws is its own.
                    if (rejectUnauthorized) node.authorizationError = undefined;
                    assert.deepEqual(ours, node);
                    assert.equal(rejectUnauthorized ? ours.error : ours.authorizationError, says);
                    assert.equal(ours.authorized, error === undefined);
                }
            }
            assert.deepEqual(seen, Array(12).fill(["server.example.test", "server"]));
        });

        it("checkServerIdentity cannot make good what is bad; there it is not asked", async () => {
            const bad = await nodeTlsServer({ identity: pki.bad.expired, version });
            let asked = 0;
            const checkServerIdentity = (): undefined => void (asked += 1);
            const [node, ours] = await both(to({ port: bad.port, checkServerIdentity }));
            assert.deepEqual([node.error, ours.error, asked], ["CERT_HAS_EXPIRED", "ETLS_CERT_EXPIRED", 0]);
            await bad.close();
        });

        it("a session is reused, and is as authorized as the handshake that made it", async () => {
            for (const connect of connects) {
                let session: unknown;
                const keep: Connect = (options, callback) => {
                    const socket = connect(options, callback);
                    socket.on("session", (saved: never) => (session = saved));
                    return socket;
                };
                const first = await look(keep, to());
                const second = await look(connect, to({ session }));
                assert.deepEqual([first.reused, second.reused, second.authorized], [false, true, true]);
            }
        });
    });
}
