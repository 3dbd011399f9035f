// SPDX-License-Identifier: Apache-2.0
/**
 * Certificates that must be refused: every bad identity of the test PKI, served by a real server,
 * each with its own error that says what is wrong, an alert for the server, and nothing left behind.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { DEFAULT_CIPHERS, type TlsOptions as ServerTls, type TLSSocket as NodeSocket } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import {
    alertsIn, assertGood, assertRefused, attempt, EARLY, tap, until, watchHeap, type Attempt,
} from "./support/attempt.ts";
import { openCore } from "./support/core.ts";
import { makeChain, SERVER, type Link } from "./support/own-chain.ts";
import { cachedPki, type BadName, type Identity, type Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { startProxy } from "./support/proxy.ts";
import { nodeTlsServer, type Version } from "./support/servers.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];

interface Refusal {
    code: string;
    /** The alert that the server gets; none when it is the server that refuses. */
    alert?: number;
    /** The subject of the certificate that is to blame, the leaf's unless told. */
    subject?: string;
    /** What else the message has to say. */
    says?: (leaf: X509Certificate, identity: Identity) => string[];
}

const iso = (date: string): string => new Date(date).toISOString().replace(".000Z", "Z");
const names = (leaf: X509Certificate, { host }: Identity): string[] => [
    `not for ${host}:`,
    `valid for ${leaf.subjectAltName?.replace(/"/g, "").replace("\\u0000", "\\00")}`,
];
const mismatch: Refusal = { code: "ETLS_CERT_NAME_MISMATCH", alert: 42, says: names };
const unknownIssuer = (issuer: string, subject = "CN=server"): Refusal => ({
    code: "ETLS_CERT_UNKNOWN_ISSUER",
    alert: 48,
    subject,
    says: () => [`issued by CN=${issuer},`],
});
/** Keys that are not offered: no server has a signature for us. */
const notOffered: Refusal = { code: "ETLS_ALERT_HANDSHAKE_FAILURE", subject: "alert 40" };

const REFUSALS: Record<BadName, Refusal> = {
    expired: {
        code: "ETLS_CERT_EXPIRED",
        alert: 45,
        says: (leaf) => [`notAfter ${iso(leaf.validTo)}`, "expired 30 days ago", "the clock says 20"],
    },
    notYetValid: {
        code: "ETLS_CERT_NOT_YET_VALID",
        alert: 46,
        says: (leaf) => [`notBefore ${iso(leaf.validFrom)}`, "another 36", "the clock says 20"],
    },
    cnOnly: { code: "ETLS_CERT_NO_SAN", alert: 42, says: () => ["RFC 9525"] },
    wrongHost: mismatch,
    wildcardTopLevel: mismatch,
    wildcardPartial: mismatch,
    wildcardBare: mismatch,
    wildcardDouble: mismatch,
    wildcardDeep: mismatch,
    nulInName: mismatch,
    selfSigned: {
        code: "ETLS_CERT_SELF_SIGNED",
        alert: 48,
        says: (leaf) => [`SHA-256 ${leaf.fingerprint256}`],
    },
    unknownIssuer: unknownIssuer("Test other root", "CN=Test other authority"),
    missingIntermediate: {
        code: "ETLS_CERT_MISSING_INTERMEDIATE",
        alert: 48,
        says: () => ["issued by CN=Test EC authority"],
    },
    // Mbed TLS does not tell a signature that is wrong from an issuer that is not there.
    badSignature: unknownIssuer("Test EC authority"),
    caAsLeaf: { code: "ETLS_CERT_CA_AS_LEAF", alert: 43 },
    caAsLeafSigning: { code: "ETLS_CERT_CA_AS_LEAF", alert: 46 },
    wrongKeyUsage: { code: "ETLS_CERT_KEY_USAGE", alert: 43, says: () => ["(keyUsage"] },
    wrongEku: {
        code: "ETLS_CERT_EXT_KEY_USAGE",
        alert: 43,
        says: () => ["extendedKeyUsage clientAuth)"],
    },
    criticalExtension: { code: "ETLS_CERT_PROFILE", alert: 46, says: () => ["critical"] },
    rsa1024: { code: "ETLS_CERT_WEAK_KEY", alert: 43, says: () => ["RSA 1024", "2048"] },
    sha1: { code: "ETLS_CERT_SHA1", alert: 48 },
    md5: { code: "ETLS_CERT_MD5", alert: 48 },
    expiredIntermediate: {
        code: "ETLS_CERT_EXPIRED",
        alert: 45,
        subject: "CN=Test expired authority",
        says: (_, { issuersPem }) => [`notAfter ${iso(new X509Certificate(issuersPem).validTo)}`],
    },
    intermediateNoCa: { code: "ETLS_CERT_NOT_CA", alert: 46, subject: "CN=Test authority that is none" },
    intermediateNoSign: {
        code: "ETLS_CERT_KEY_USAGE",
        alert: 43,
        subject: "CN=Test authority that must not sign",
        says: () => ["(keyUsage digitalSignature cRLSign)"],
    },
    pathLength: {
        code: "ETLS_CERT_PATH_LENGTH",
        alert: 46,
        subject: "CN=Test authority one too deep",
        says: () => ["issued by CN=Test authority of leaves only"],
    },
    p224: notOffered,
    secp256k1: notOffered,
    ed25519: notOffered,
    secp256k1Intermediate: {
        code: "ETLS_CERT_WEAK_KEY",
        alert: 48,
        subject: "CN=Test secp256k1 authority",
    },
};

describe("refused certificates", function () {
    this.timeout(30_000);
    let pki: Pki;
    let core: EspruinoTls;

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
        core = await openCore();
    });
    after(() => core.close());

    /** Connects by way of a proxy, in the name of the identity. */
    const connect = async (
        identity: Identity,
        more: Partial<ConnectOptions> & { served?: ServerTls } = {},
        version?: Version,
    ): Promise<{ result: Attempt; received: string; sent: Buffer[]; log: string }> => {
        const { served, ...options } = more;
        let received = "";
        let closed = false;
        const accept = (socket: NodeSocket): void => {
            socket.on("close", () => (closed = true));
            socket.on("data", (data) => {
                received += data.toString("latin1");
                socket.end();
            });
        };
        const tls = { ecdhCurve: "auto", ...served };
        const server = await nodeTlsServer({ identity, version, tls, accept });
        const watch = tap();
        const proxy = await startProxy(server.port, watch);
        const checkHeap = watchHeap(core);
        const base = { host: "127.0.0.1", servername: identity.host, ca: identity.rootPem };
        const result = await attempt(core, { ...base, port: proxy.port, ...options });
        checkHeap();
        await until(() => watch.sent.length === 0 || closed || server.output() !== "");
        await proxy.close();
        await server.close();
        return { result, received, sent: watch.sent, log: server.output() };
    };

    for (const version of VERSIONS) {
        for (const [name, refusal] of Object.entries(REFUSALS) as [BadName, Refusal][]) {
            it(`${name}: ${refusal.code}, TLS ${version}`, async () => {
                const identity = pki.bad[name];
                const leaf = new X509Certificate(identity.certPem);
                const { result, received, sent, log } = await connect(identity, {}, version);
                const { message } = assertRefused(result, refusal.code);
                const { subject = leaf.subject, says = (): string[] => [] } = refusal;
                for (const words of [subject, ...says(leaf, identity)]) {
                    assert.ok(message.includes(words), `${message}\nshould say: ${words}`);
                }
                assert.doesNotMatch(message, /unknown|undefined|NaN|\{/);
                const alerts = refusal.alert === undefined ? [] : [`02${refusal.alert.toString(16)}`];
                assert.deepEqual(alertsIn(sent), alerts, "exactly one alert");
                assert.equal(/SSL alert number (\d+)/.exec(log)?.[1], refusal.alert?.toString());
                assert.equal(received, "");
                // And it was the certificate alone: the same server with a good one.
                const good = await connect(pki.ec, {}, version);
                assertGood(good.result);
                assert.equal(good.received, EARLY);
            });
        }
    }

    /** A chain of one's own, served to a client that trusts its root. */
    const connectTo = async (
        links: Link[],
        version: Version,
        how: { ca?: string; withRoot?: boolean } = {},
    ): ReturnType<typeof connect> => {
        const { rootPem, chainPem, keyPem } = await makeChain(links);
        const cert = how.withRoot ? chainPem + rootPem : chainPem;
        const ciphers = `${DEFAULT_CIPHERS}:@SECLEVEL=0`;
        const served = { key: keyPem, cert, ciphers };
        return connect(pki.ec, { ca: how.ca ?? rootPem, served }, version);
    };
    const leaf: Link = { cn: "leaf", extensions: SERVER };

    for (const version of VERSIONS) {
        it(`takes a root that signed itself with SHA-1, TLS ${version}`, async () => {
            const root: Link = { cn: "old root", key: "rsa:2048", digest: "sha1" };
            assertGood((await connectTo([root, leaf], version)).result);
            assertGood((await connectTo([root, leaf], version, { withRoot: true })).result);
            const others = { withRoot: true, ca: pki.ec.rootPem };
            const { result } = await connectTo([root, leaf], version, others);
            assertRefused(result, "ETLS_CERT_UNKNOWN_ISSUER");
        });
        it(`names the authority that is signed with SHA-1, TLS ${version}`, async () => {
            const authority: Link = { cn: "old authority", digest: "sha1" };
            const chain: Link[] = [{ cn: "root" }, authority, leaf];
            const { message } = assertRefused((await connectTo(chain, version)).result, "ETLS_CERT_SHA1");
            assert.match(message, /CN=old authority/);
        });
        it(`refuses a signature of a kind that it does not know, TLS ${version}`, async () => {
            const chain: Link[] = [{ cn: "root", key: "ed25519", digest: "none" }, { ...leaf, digest: "none" }];
            const { result } = await connectTo(chain, version);
            assert.match(assertRefused(result, "ETLS_BAD_CERTIFICATE").message, /ca\[0\]/);
            const { result: other } = await connectTo([{ cn: "EC root" }, ...chain], version);
            assertRefused(other, "ETLS_CERT_SIGNATURE_ALGORITHM");
        });
        it(`refuses a chain of eleven, TLS ${version}`, async () => {
            const chain: Link[] = "0123456789A".split("").map((n) => ({ cn: `authority ${n}` }));
            const { result } = await connectTo([...chain, leaf], version);
            assert.match(assertRefused(result, "ETLS_CERT_CHAIN_TOO_LONG").message, /more than 10 /);
            assertGood((await connectTo([...chain.slice(0, 10), leaf], version)).result);
        });
    }

    it("goes on with rejectUnauthorized: false and says why that is not safe", async () => {
        const bad = ["expired", "wrongHost", "selfSigned", "unknownIssuer", "sha1"] as const;
        for (const version of VERSIONS) {
            for (const name of bad) {
                const lax = { rejectUnauthorized: false };
                const { result, received } = await connect(pki.bad[name], lax, version);
                assert.deepEqual(result.events, ["secureConnect", "end", "close false"], name);
                assert.equal(result.socket.authorized, false, name);
                assert.equal(result.socket.authorizationError, REFUSALS[name].code);
                assert.equal(received, EARLY);
            }
            const { result } = await connect(pki.ec, { rejectUnauthorized: false }, version);
            assertGood(result);
            assert.equal(result.socket.authorizationError, undefined);
        }
    });

    it("lets checkServerIdentity refuse, by an Error that it returns or throws", async () => {
        const error = new Error("not this one");
        const seen: unknown[] = [];
        for (const version of VERSIONS) {
            for (const answer of [() => error, () => { throw error; }]) {
                const { result, received } = await connect(pki.ec, {
                    checkServerIdentity: (host, certificate) => {
                        seen.push([host, certificate.subject["CN"]]);
                        return answer();
                    },
                }, version);
                assert.equal(result.error, error);
                assert.deepEqual(result.events, ["error", "close true"]);
                assert.equal(result.socket.authorized, false);
                assert.equal(received, "");
            }
            const good = { checkServerIdentity: () => undefined };
            assertGood((await connect(pki.ec, good, version)).result);
            // It cannot make good what is bad.
            const { result } = await connect(pki.bad.expired, good, version);
            assertRefused(result, "ETLS_CERT_EXPIRED");
            const lax = { rejectUnauthorized: false, checkServerIdentity: () => error };
            const { socket } = (await connect(pki.ec, lax, version)).result;
            assert.equal(socket.authorizationError, error.message);
        }
        assert.deepEqual(seen, Array(4).fill(["localhost", "server"]));
    });

    it("keeps two contexts apart, one with the default roots", async () => {
        const checkHeap = watchHeap(core);
        const contexts = {
            public: core.tls.createSecureContext(),
            ec: core.tls.createSecureContext({ ca: pki.ec.rootPem }),
            rsa: core.tls.createSecureContext({ ca: pki.rsa.rootPem }),
        };
        const accept = (socket: NodeSocket): void => void socket.end();
        const servers = {
            ec: await nodeTlsServer({ identity: pki.ec, accept }),
            rsa: await nodeTlsServer({ identity: pki.rsa, accept }),
        };
        const all = (["ec", "rsa"] as const).flatMap((to) =>
            (["public", "ec", "rsa"] as const).map(async (from) => {
                const { port } = servers[to];
                const options = { port, servername: "localhost", secureContext: contexts[from] };
                const result = await attempt(core, options);
                if (from === to) {
                    assertGood(result);
                } else {
                    assertRefused(result, "ETLS_CERT_UNKNOWN_ISSUER");
                }
            }),
        );
        await Promise.all(all);
        Object.values(contexts).forEach((context) => context.free());
        await Promise.all(Object.values(servers).map((server) => server.close()));
        checkHeap();
    });
});
