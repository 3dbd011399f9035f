// SPDX-License-Identifier: Apache-2.0
/** Sessions that are resumed, and those that must not be: against OpenSSL, GnuTLS, Node and nginx. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { TlsError } from "../modules/errors.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { closeClean, openCore } from "./support/core.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { requireTool } from "./support/processes.ts";
import type { ToolName } from "./support/processes.ts";
import { gnutlsServer, nginxServer, nodeTlsServer, opensslServer } from "./support/servers.ts";
import type { Server, Version } from "./support/servers.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];
const DAY = 86_400_000;

let pki: Pki;
let core: EspruinoTls;

before(async function () {
    this.timeout(60000);
    pki = await cachedPki();
});
beforeEach(async () => {
    core = await openCore();
});
afterEach(() => closeClean(core));

/** What one connection was like. */
interface Visit {
    /** Undefined when there was no handshake. */
    reused: boolean | undefined;
    authorized: boolean;
    refused: string | undefined;
    error: TlsError | undefined;
    /** Sessions handed out. */
    saved: string[];
    /** The newest of them as getSession() has it. */
    newest: string | undefined;
    /** Signatures made and verified until the handshake was over. */
    signatures: number;
    /** The most heap while a chain was read and verified; 0 when none was. */
    certificatePeak: number;
    subject: string | undefined;
    data: string;
}

/**
 * Connects, says something, waits for an answer and, where one is to be expected, for a session. (Not
 * every server gives a new one when it resumes.)
 */
const visit = (
    server: Server,
    more: ConnectOptions = {},
    expectSession = more.session === undefined,
): Promise<Visit> =>
    new Promise((resolve) => {
        const told: Visit = {
            reused: undefined, authorized: false, refused: undefined, error: undefined, saved: [],
            newest: undefined, signatures: 0, certificatePeak: 0, subject: undefined, data: "",
        };
        core.tls.resetMemory();
        const options = { host: "localhost", port: server.port, ca: pki.ec.rootPem, ...more };
        const socket = core.tls.connect(options, () => {
            const memory = core.memory();
            told.reused = socket.isSessionReused();
            told.signatures = memory.signatures;
            told.certificatePeak = memory.phases.certificate;
            told.authorized = socket.authorized;
            told.subject = socket.getPeerCertificate()?.subject["CN"];
            socket.write("GET / HTTP/1.0\r\n\r\n");
        });
        const endWhenDone = (): void => {
            if (told.data !== "" && (!expectSession || told.saved.length > 0)) socket.end();
        };
        socket.on("session", (session) => {
            told.saved.push(session);
            endWhenDone();
        });
        socket.on("data", (data) => {
            told.data += data;
            endWhenDone();
        });
        socket.on("error", (error) => (told.error = error));
        socket.on("close", () => {
            told.refused = socket.sessionRefused;
            told.newest = socket.getSession();
            resolve(told);
        });
    });

/** A visit that works, and leaves a session. */
const firstVisit = async (server: Server, more: ConnectOptions = {}): Promise<string> => {
    const first = await visit(server, more);
    assert.equal(first.error, undefined);
    assert.equal(first.reused, false, "the first is no resumption");
    assert.ok(first.signatures >= 3, `${first.signatures} signatures: leaf, intermediate, handshake`);
    assert.equal(first.newest, first.saved.at(-1));
    assert.ok(first.newest !== undefined && first.newest.length > 100);
    return first.newest;
};

const assertResumed = (told: Visit, version: Version): void => {
    assert.equal(told.error, undefined);
    assert.equal(told.refused, undefined);
    assert.equal(told.reused, true, "resumed");
    assert.equal(told.authorized, true);
    assert.equal(told.subject, "server", "the certificate of the full handshake");
    assert.equal(told.signatures, 0, "no signature is made or verified");
    /* TLS 1.3 has EncryptedExtensions in that phase. */
    if (version === "1.2") assert.equal(told.certificatePeak, 0, "no certificate is read");
    assert.notEqual(told.data, "");
};

const assertFull = (told: Visit, refused: string | undefined): void => {
    assert.equal(told.error, undefined);
    assert.equal(told.refused, refused);
    assert.equal(told.reused, false, "not resumed");
    assert.equal(told.authorized, true);
    assert.ok(told.signatures >= 3);
    assert.notEqual(told.data, "");
};

type Starter = (version: Version) => Promise<Server>;
const SERVERS: Record<string, { tool?: ToolName; start: Starter }> = {
    "openssl s_server": {
        start: (version) => opensslServer({ identity: pki.ec, version, mode: "www" }),
    },
    "openssl s_server without tickets": {
        start: (version) => opensslServer({ identity: pki.ec, version, mode: "www", args: ["-no_ticket"] }),
    },
    "gnutls-serv": {
        tool: "gnutls-serv",
        start: (version) => gnutlsServer({ identity: pki.ec, version }),
    },
    "Node's tls": { start: (version) => nodeTlsServer({ identity: pki.ec, version }) },
    "nginx, tickets": { tool: "nginx", start: (version) => nginxServer({ identity: pki.ec, version }) },
    "nginx, session ids": {
        tool: "nginx",
        start: (version) =>
            nginxServer({
                identity: pki.ec,
                version,
                directives: "ssl_session_cache shared:etls:1m; ssl_session_tickets off;",
            }),
    },
};

for (const version of VERSIONS) {
    describe(`sessions, TLS ${version}`, function () {
        this.timeout(20000);
        for (const [name, { tool, start }] of Object.entries(SERVERS)) {
            it(`${name}: resumed, twice in a row, after a restart too`, async function () {
                const fault = tool ? requireTool(tool) : undefined;
                if (fault) {
                    console.log(`      not run: ${fault}`);
                    this.skip();
                }
                const server = await start(version);
                try {
                    const session = await firstVisit(server);
                    const second = await visit(server, { session });
                    assertResumed(second, version);
                    assert.equal(second.newest, second.saved.at(-1) ?? session, "there is always one to keep");
                    await closeClean(core);
                    core = await openCore(); // all native state is gone
                    assertResumed(await visit(server, { session: second.newest }), version);
                } finally {
                    await server.close();
                }
            });
        }

        describe("with a server of Node", () => {
            let server: Server;
            const keys = randomBytes(48);
            before(async () => {
                server = await nodeTlsServer({ identity: pki.ec, version, tls: { ticketKeys: keys } });
            });
            after(() => server.close());

            it("a server that has forgotten it: full handshake, and the session is as good as none", async () => {
                const other = await nodeTlsServer({ identity: pki.ec, version });
                try {
                    const session = await firstVisit(server);
                    assertFull(await visit(other, { session }), undefined);
                } finally {
                    await other.close();
                }
            });

            it("a server that has forgotten it and has a certificate of nobody: refused", async () => {
                const other = await nodeTlsServer({ identity: pki.bad.unknownIssuer, version });
                try {
                    const session = await firstVisit(server);
                    const told = await visit(other, { session });
                    assert.equal(told.reused, undefined);
                    assert.equal(told.error?.code, "ETLS_CERT_UNKNOWN_ISSUER");
                } finally {
                    await other.close();
                }
            });

            it("is bound to host, ca, policy and own certificate", async () => {
                const session = await firstVisit(server);
                const changed = "ETLS_SESSION_CHANGED";
                const { certPem: cert, keyPem: key } = pki.clients.ec;
                assertFull(await visit(server, { session, servername: "server.example.test" }), changed);
                assertFull(await visit(server, { session, ca: pki.ec.rootPem + pki.rsa.rootPem }), changed);
                const minVersion = version === "1.2" ? "TLSv1.2" : "TLSv1.3";
                const maxVersion = minVersion;
                assertFull(await visit(server, { session, minVersion, maxVersion }), changed);
                assertFull(await visit(server, { session, cert, key }), changed);
                assertResumed(await visit(server, { session }), version);
            });

            it("one that was not verified does not become one that is", async () => {
                const lax = await visit(server, { rejectUnauthorized: false });
                assert.equal(lax.authorized, true);
                assertFull(await visit(server, { session: lax.newest }), "ETLS_SESSION_CHANGED");
                const wrong = { servername: "elsewhere.test", rejectUnauthorized: false };
                const unverified = await visit(server, wrong);
                assert.equal(unverified.authorized, false);
                const again = await visit(server, { ...wrong, session: unverified.newest });
                assert.equal(again.reused, true);
                assert.equal(again.authorized, false, "and stays so when it is resumed");
                const strict = await visit(server, { servername: "elsewhere.test", session: unverified.newest });
                assert.equal(strict.error?.code, "ETLS_CERT_NAME_MISMATCH");
            });

            it("a damaged one is told from others: each byte counts", async () => {
                const session = await firstVisit(server);
                for (const at of [0, 4, 6, 8, 12, 16, 32, 40, 44, 100, session.length - 1]) {
                    const byte = String.fromCharCode(session.charCodeAt(at) ^ 1);
                    const spoiled = session.slice(0, at) + byte + session.slice(at + 1);
                    assertFull(await visit(server, { session: spoiled }), "ETLS_SESSION_DAMAGED");
                }
                for (const length of [1, 43, 44, session.length - 1]) {
                    const cut = session.slice(0, length);
                    assertFull(await visit(server, { session: cut }), "ETLS_SESSION_DAMAGED");
                }
                assertFull(await visit(server, { session: session + "\0" }), "ETLS_SESSION_DAMAGED");
                assertFull(await visit(server, { session: "x".repeat(40_000) }), "ETLS_SESSION_DAMAGED");
            });

            it("expires, and is not for a clock that was set back", async () => {
                const session = await firstVisit(server);
                for (const [days, refused] of [[8, "ETLS_SESSION_EXPIRED"], [-1, "ETLS_SESSION_EXPIRED"]] as const) {
                    await closeClean(core);
                    core = await openCore({ now: () => Date.now() + days * DAY });
                    const told = await visit(server, { session });
                    assert.equal(told.refused, refused);
                    assert.equal(told.reused, days === 8 ? false : told.reused);
                }
            });

            it("is not asked for with sessionTickets: false", async () => {
                const told = await visit(server, { sessionTickets: false }, false);
                assert.deepEqual(told.saved, []);
                assert.equal(told.newest, undefined);
            });

            it("pins and checkServerIdentity see the certificate that it stands for", async () => {
                const session = await firstVisit(server);
                const seen: string[] = [];
                const checkServerIdentity = (name: string, certificate: { subject: { [k: string]: unknown } }): undefined => {
                    seen.push(`${name} ${String(certificate.subject["CN"])}`);
                };
                assertResumed(await visit(server, { session, checkServerIdentity }), version);
                assert.deepEqual(seen, ["localhost server"]);
                const pinnedPubkey = `sha256//${randomBytes(32).toString("base64")}`;
                const told = await visit(server, { session, pinnedPubkey }, false);
                assert.equal(told.error?.code, "ETLS_CERT_PIN_MISMATCH");
            });
        });
    });
}
