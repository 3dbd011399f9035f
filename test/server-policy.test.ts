// SPDX-License-Identifier: Apache-2.0
/** What our servers decide about a client: its certificate, the name and protocol it asks for. */
import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { TlsServerOptions } from "../modules/tls_server.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { curl, gnutlsClient, opensslClient } from "./support/clients.ts";
import type { ClientOptions, ClientResult } from "./support/clients.ts";
import { converse, openCore } from "./support/core.ts";
import { identityOptions, onlyVersion, ownHttpsServer, ownTlsServer } from "./support/own-servers.ts";
import type { OwnServer } from "./support/own-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Identity, Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import type { ToolName } from "./support/processes.ts";
import type { Version } from "./support/servers.ts";
import { visit } from "./support/visitor.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];

const PROGRAMS: [ToolName, (options: ClientOptions) => Promise<ClientResult>][] = [
    ["curl", curl],
    ["openssl", opensslClient],
    ["gnutls-cli", gnutlsClient],
];

describe("server policy", function () {
    this.timeout(20_000);
    let pki: Pki;
    let core: EspruinoTls;
    let server: OwnServer;

    before(async () => {
        pki = await cachedPki();
    });

    beforeEach(async () => {
        core = await openCore();
    });

    afterEach(async () => {
        await server.drop();
        assert.equal(core.memory().inUse, 0, "the heap is back at its start");
        assert.equal(core.memory().blocks, 0);
        core.close();
    });

    for (const version of VERSIONS) {
        describe(`client certificates, TLS ${version}`, () => {
            const start = async (more: TlsServerOptions = {}): Promise<void> => {
                const ca = [pki.authorities.ecRoot, pki.authorities.rsaRoot];
                const identity = identityOptions(pki.ec);
                const options = { ...identity, ...onlyVersion(version), requestCert: true, ca, ...more };
                server = await ownTlsServer(core, options);
            };
            const come = (identity?: Identity): ReturnType<typeof visit> =>
                visit(server.port, { ca: pki.ec.rootPem, ...(identity ? idOf(identity) : {}) });

            for (const kind of ["ec", "rsa"] as const) {
                it(`takes a good one (${kind})`, async () => {
                    await start();
                    assert.equal(await come(pki.clients[kind]), "hello");
                    const socket = server.accepted[0];
                    assert.equal(socket?.authorized, true);
                    assert.equal(socket?.authorizationError, undefined);
                });
            }

            it("tells of the certificate", async () => {
                const identity = identityOptions(pki.ec);
                const ca = pki.authorities.ecRoot;
                let issuer: string | undefined;
                let chain = 0;
                const options = { ...identity, ...onlyVersion(version), requestCert: true, ca };
                server = await ownTlsServer(core, { ...options, keepChain: true }, (socket) => {
                    issuer = socket.getPeerCertificate()?.issuer["CN"];
                    chain = socket.getPeerCertificate(true).length;
                    socket.pipe(socket);
                });
                assert.equal(await come(pki.clients.ec), "hello");
                assert.equal(issuer, "Test EC authority");
                assert.ok(chain >= 2, `a chain of ${chain}`);
            });

            it("refuses a client without", async () => {
                await start();
                // RFC 8446 section 6.2 has an alert of its own for this, RFC 5246 has none.
                const alert = version === "1.3" ? /certificate required/ : /alert handshake failure/;
                assert.match(await come(), alert);
                await server.refusals(1);
                assert.equal(server.refused[0]?.code, "ETLS_CERT_MISSING");
                assert.equal(server.accepted.length, 0);
            });

            for (const [name, code, alert] of [
                ["unknownIssuer", "ETLS_CERT_UNKNOWN_ISSUER", /alert unknown ca/],
                ["expired", "ETLS_CERT_EXPIRED", /alert certificate expired/],
                ["wrongEku", "ETLS_CERT_EXT_KEY_USAGE", /alert unsupported certificate/],
            ] as const) {
                it(`refuses ${name}`, async () => {
                    await start();
                    assert.match(await come(pki.clients[name]), alert);
                    await server.refusals(1);
                    assert.equal(server.refused[0]?.code, code);
                    assert.doesNotMatch(server.refused[0]?.message ?? "", /unknown/);
                    assert.equal(server.accepted.length, 0);
                });

                it(`takes ${name} with rejectUnauthorized: false, and says so`, async () => {
                    await start({ rejectUnauthorized: false });
                    assert.equal(await come(pki.clients[name]), "hello");
                    assert.equal(server.accepted[0]?.authorized, false);
                    assert.equal(server.accepted[0]?.authorizationError, code);
                });
            }

            it("takes a client without, with rejectUnauthorized: false", async () => {
                await start({ rejectUnauthorized: false });
                assert.equal(await come(), "hello");
                assert.equal(server.accepted[0]?.authorized, false);
                assert.equal(server.accepted[0]?.authorizationError, "ETLS_CERT_MISSING");
            });

            for (const [tool, client] of PROGRAMS) {
                it(`with ${tool}: good, none, unknown`, async function () {
                    skipWithout(this, tool);
                    server = await ownHttpsServer(core, {
                        ...identityOptions(pki.ec), ...onlyVersion(version), requestCert: true,
                        ca: pki.authorities.ecRoot,
                    });
                    const to = { port: server.port, rootFile: pki.ec.rootFile };
                    assert.equal((await client({ ...to, identity: pki.clients.ec })).status, 200);
                    assert.equal(server.accepted[0]?.authorized, true);
                    assert.equal((await client(to)).status, 0);
                    assert.equal((await client({ ...to, identity: pki.clients.unknownIssuer })).status, 0);
                    await server.refusals(2);
                    const codes = server.refused.map((error) => error.code);
                    // GnuTLS sends no certificate that none of the named authorities has issued.
                    assert.equal(codes[0], "ETLS_CERT_MISSING");
                    assert.match(codes[1] ?? "", /^ETLS_CERT_(UNKNOWN_ISSUER|MISSING)$/);
                });
            }

            it("with our client: good and none", async () => {
                await start();
                const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
                const good = await converse(core, { ...to, ...idOf(pki.clients.ec) }, (socket) => {
                    socket.end("hello");
                });
                assert.equal(good.data.toString(), "hello");
                const none = await converse(core, to, (socket) => socket.write("hello"));
                const alert = version === "1.3" ? "CERTIFICATE_REQUIRED" : "HANDSHAKE_FAILURE";
                assert.equal(none.error?.code, `ETLS_ALERT_${alert}`);
            });
        });
    }
});

/** Options of either side for an identity. */
function idOf(identity: Identity): { cert: string; key: string } {
    return { cert: identity.chainPem, key: identity.keyPem };
}
