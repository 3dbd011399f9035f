// SPDX-License-Identifier: Apache-2.0
/**
 * The test PKI, judged by Node's own TLS and OpenSSL: each certificate is good, or bad in the one
 * way that its name says.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { before, describe, it } from "mocha";
import { checkName, nodeHttps, opensslClient } from "./support/clients.ts";
import { cachedPki, makePki, type BadName, type Identity, type Pki } from "./support/pki.ts";
import { run, skipWithout } from "./support/processes.ts";
import { nodeHttpsServer, nodeTlsServer, type Version } from "./support/servers.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];

/** How Node is asked, where not as the identity says. */
interface Question {
    host?: string;
    ca?: string;
    level?: number;
}

/** What Node's client says of a server with that identity: `accepted` or its error. */
async function ask(identity: Identity, version: Version, how: Question = {}): Promise<string> {
    const { host = identity.host, ca = identity.rootPem, level = 2 } = how;
    const server = await nodeTlsServer({ identity, version, tls: { ecdhCurve: "auto" } });
    try {
        return await new Promise((resolve) => {
            const socket = tls.connect({
                host: "127.0.0.1",
                port: server.port,
                servername: isIP(host) ? "" : host,
                checkServerIdentity: (_, certificate) => checkName(host, certificate),
                ca,
                ciphers: `${tls.DEFAULT_CIPHERS}:@SECLEVEL=${level}`,
                ecdhCurve: "X25519:P-256:P-384:P-224",
            });
            const answer = (text: string): void => {
                socket.destroy();
                resolve(text);
            };
            socket.on("secureConnect", () => answer("accepted"));
            socket.on("error", (error: NodeJS.ErrnoException) =>
                answer(`${error.code}: ${error.message}`),
            );
        });
    } finally {
        await server.close();
    }
}

/** What `openssl verify` says, without the name. */
async function verify(identity: Identity, ...args: string[]): Promise<string> {
    const untrusted = identity.issuersPem ? ["-untrusted", identity.issuersFile] : [];
    const anchors = ["-no-CApath", "-no-CAstore", "-CAfile", identity.rootFile, ...untrusted];
    const { stdout, stderr } = await run("openssl", [
        ...["verify", ...anchors, ...args],
        identity.certFile,
    ]);
    return stdout.toString() + stderr;
}

/** Has `openssl verify` look so many days from now. */
function at(days: number): string[] {
    return ["-attime", String(Math.floor(Date.now() / 1000) + days * 86_400)];
}

/** The only thing wrong with each, as Node says it, and a view in which it is not wrong. */
const REFUSALS: {
    name: BadName;
    error: RegExp;
    fineWhen?: (pki: Pki) => Question;
    verifiedWith?: string[];
}[] = [
    { name: "expired", error: /^CERT_HAS_EXPIRED/, verifiedWith: at(-45) },
    { name: "notYetValid", error: /^CERT_NOT_YET_VALID/, verifiedWith: at(380) },
    {
        name: "wrongHost",
        error: /^ERR_TLS_CERT_ALTNAME_INVALID/,
        fineWhen: () => ({ host: "other.example.org" }),
    },
    {
        name: "wildcardTopLevel",
        error: /^ERR_TLS_CERT_ALTNAME_INVALID/,
        verifiedWith: ["-purpose", "sslserver"],
    },
    {
        name: "wildcardBare",
        error: /^ERR_TLS_CERT_ALTNAME_INVALID/,
        verifiedWith: ["-purpose", "sslserver"],
    },
    {
        name: "wildcardDouble",
        error: /^ERR_TLS_CERT_ALTNAME_INVALID/,
        verifiedWith: ["-purpose", "sslserver"],
    },
    {
        name: "wildcardDeep",
        error: /^ERR_TLS_CERT_ALTNAME_INVALID/,
        fineWhen: () => ({ host: "b.example.test" }),
    },
    {
        name: "nulInName",
        error: /^ERR_TLS_CERT_ALTNAME_INVALID/,
        verifiedWith: ["-purpose", "sslserver"],
    },
    {
        name: "selfSigned",
        error: /^DEPTH_ZERO_SELF_SIGNED_CERT/,
        fineWhen: (pki) => ({ ca: pki.bad.selfSigned.certPem }),
    },
    {
        name: "unknownIssuer",
        error: /^UNABLE_TO_GET_ISSUER_CERT_LOCALLY/,
        fineWhen: (pki) => ({ ca: pki.authorities.otherRoot }),
    },
    {
        name: "missingIntermediate",
        error: /^UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
        fineWhen: (pki) => ({ ca: pki.authorities.ecRoot + pki.authorities.ecIntermediate }),
    },
    { name: "badSignature", error: /^CERT_SIGNATURE_FAILURE/ },
    { name: "caAsLeaf", error: /^INVALID_PURPOSE/, verifiedWith: ["-purpose", "any"] },
    { name: "wrongKeyUsage", error: /^INVALID_PURPOSE/, verifiedWith: ["-purpose", "any"] },
    { name: "wrongEku", error: /^INVALID_PURPOSE/, verifiedWith: ["-purpose", "sslclient"] },
    {
        name: "criticalExtension",
        error: /unhandled critical extension/,
        verifiedWith: ["-ignore_critical"],
    },
    { name: "rsa1024", error: /EE certificate key too weak/, fineWhen: () => ({ level: 0 }) },
    { name: "sha1", error: /signature digest algorithm too weak/, fineWhen: () => ({ level: 0 }) },
    { name: "md5", error: /signature digest algorithm too weak/, fineWhen: () => ({ level: 0 }) },
    { name: "expiredIntermediate", error: /^CERT_HAS_EXPIRED/, verifiedWith: at(-45) },
    { name: "intermediateNoCa", error: /^INVALID_PURPOSE|^INVALID_CA/ },
    { name: "intermediateNoSign", error: /key usage does not include certificate signing/ },
    { name: "pathLength", error: /^PATH_LENGTH_EXCEEDED/ },
];

describe("test PKI", function () {
    let pki: Pki;
    this.timeout(30_000);

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
    });

    it("is made anew with other keys, and kept", async () => {
        const folder = mkdtempSync(join(tmpdir(), "etls-pki-"));
        const fresh = await makePki(folder);
        rmSync(folder, { recursive: true });
        assert.notEqual(fresh.ec.keyPem, pki.ec.keyPem);
        assert.notEqual(fresh.authorities.rsaRoot, pki.authorities.rsaRoot);
        assert.equal(await cachedPki(), pki);
    });

    it("has the figures that are measured with it", () => {
        const kind = (pem: string): unknown => {
            const { asymmetricKeyDetails: details } = new X509Certificate(pem).publicKey;
            return details?.namedCurve ?? details?.modulusLength;
        };
        const { authorities } = pki;
        assert.equal(kind(pki.ec.certPem), "prime256v1");
        assert.equal(kind(authorities.ecIntermediate), "secp384r1");
        assert.equal(kind(authorities.ecRoot), "secp384r1");
        assert.equal(kind(pki.rsa.certPem), 2048);
        assert.equal(kind(authorities.rsaIntermediate), 2048);
        assert.equal(kind(authorities.rsaRoot), 4096);
        assert.equal(kind(pki.bad.p224.certPem), "secp224r1");
        assert.equal(kind(pki.bad.secp256k1.certPem), "secp256k1");
        assert.equal(kind(authorities.secp256k1Authority), "secp256k1");
        const leaf = new X509Certificate(pki.bad.ed25519.certDer);
        assert.equal(leaf.publicKey.asymmetricKeyType, "ed25519");
        assert.equal(pki.ec.chainPem, pki.ec.certPem + authorities.ecIntermediate);
        assert.equal(pki.ec.rootPem, authorities.ecRoot);
        for (const identity of [pki.ec, pki.rsa, ...Object.values(pki.bad)]) {
            assert.match(identity.keyPem, /^-----BEGIN PRIVATE KEY-----/);
        }
    });

    for (const version of VERSIONS) {
        it(`is accepted under each of its names, TLS ${version}`, async () => {
            const names = ["localhost", "server.example.test", "x.example.test"];
            const hosts = [...names, "127.0.0.1", "::1"];
            for (const identity of [pki.ec, pki.rsa]) {
                for (const host of hosts) {
                    assert.equal(await ask(identity, version, { host }), "accepted", host);
                }
                const wrong = await ask(identity, version, { host: "example.test" });
                assert.match(wrong, /^ERR_TLS_CERT_ALTNAME_INVALID/);
            }
        });
    }

    for (const { name, error, fineWhen, verifiedWith } of REFUSALS) {
        it(`has ${name}, which is refused for that alone`, async () => {
            const identity = pki.bad[name];
            for (const version of VERSIONS) {
                assert.match(await ask(identity, version), error);
                if (fineWhen) {
                    assert.equal(await ask(identity, version, fineWhen(pki)), "accepted");
                }
            }
            if (verifiedWith) {
                assert.match(await verify(identity, ...verifiedWith), /: OK$/m);
            }
        });
    }

    it("has badSignature, which is as good as another but for one bit", () => {
        const issuer = new X509Certificate(pki.authorities.ecIntermediate).publicKey;
        const der = Buffer.from(pki.bad.badSignature.certDer);
        assert.equal(new X509Certificate(der).verify(issuer), false);
        der[der.length - 1]! ^= 1;
        assert.equal(new X509Certificate(der).verify(issuer), true);
    });

    it("has names that Node takes although RFC 9525 says no", async () => {
        const strict = { subject: "never", partialWildcards: false } as const;
        for (const { host, certPem } of [pki.bad.cnOnly, pki.bad.wildcardPartial]) {
            assert.equal(new X509Certificate(certPem).checkHost(host, strict), undefined);
        }
        const good = new X509Certificate(pki.ec.certPem);
        assert.equal(good.checkHost("localhost", strict), "localhost");
        assert.equal(await ask(pki.bad.cnOnly, "1.3"), "accepted");
        assert.equal(await ask(pki.bad.wildcardPartial, "1.3"), "accepted");
    });

    it("has what OpenSSL takes and this project does not", async () => {
        assert.equal(await ask(pki.bad.caAsLeafSigning, "1.3"), "accepted");
        assert.equal(new X509Certificate(pki.bad.caAsLeafSigning.certPem).ca, true);
        assert.equal(await ask(pki.bad.ed25519, "1.2"), "accepted");
        assert.equal(await ask(pki.bad.ed25519, "1.3"), "accepted");
        assert.equal(await ask(pki.bad.p224, "1.2"), "accepted");
        // TLS 1.3 has no signature algorithm for this curve.
        assert.match(await ask(pki.bad.p224, "1.3"), /HANDSHAKE_FAILURE/);
    });

    for (const name of ["secp256k1", "secp256k1Intermediate"] as const) {
        it(`has ${name}, which an OpenSSL client takes`, async () => {
            const identity = pki.bad[name];
            const tlsOptions = { ecdhCurve: "auto" };
            const server = await nodeHttpsServer({ identity, version: "1.2", tls: tlsOptions });
            const { port } = server;
            const args = ["-curves", "X25519:P-256:secp256k1"];
            const result = await opensslClient({ port, rootFile: identity.rootFile, args });
            await server.close();
            assert.ok(result.ok, result.stderr);
        });
    }

    for (const version of VERSIONS) {
        it(`has client certificates, good and bad, TLS ${version}`, async () => {
            const clientRootFile = pki.ec.rootFile;
            const server = await nodeHttpsServer({ identity: pki.rsa, version, clientRootFile });
            const { port } = server;
            const { rsa, ec, ...bad } = pki.clients;
            const use = (identity?: Identity): ReturnType<typeof nodeHttps> =>
                nodeHttps({ port, rootFile: pki.rsa.rootFile, identity });
            const good = await use(ec);
            assert.equal(good.status, 200, good.stderr);
            for (const identity of [undefined, rsa, ...Object.values(bad)]) {
                assert.equal((await use(identity)).ok, false, identity?.name);
            }
            await server.close();
        });
    }
});
