// SPDX-License-Identifier: Apache-2.0
/** Trust bundles: their size, what they hold, and that the core finds every anchor in them. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { after, before, describe, it } from "mocha";
import { readCertificate } from "../wasm/der.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { allRoots, commonRoots, COMMON_ROOTS, rootBundle } from "../wasm/roots.ts";
import { faultOf, makeBundle, nameHash, readBundle } from "../wasm/trust_bundle.ts";
import { converse, openCore } from "./support/core.ts";
import { issue, keyPem, makeKey, tlv } from "./support/der-pki.ts";
import type { KeyPair, KeyType, Made } from "./support/der-pki.ts";

const kindOf = (spki: Buffer): KeyType =>
    spki.length > 400 ? "RSA-4096" : spki.length > 200 ? "RSA-2048" : spki.length > 100 ? "P-384" : "P-256";

describe("trust bundle", () => {
    it("common: at most 14,000 bytes, no root forgotten", () => {
        const bundle = rootBundle("common");
        assert.ok(bundle.length <= 14_000, `${bundle.length}`);
        assert.equal(readBundle(bundle).length, commonRoots().length);
        const known = new Set(allRoots().map(({ name }) => name));
        // A newer Node may have dropped some; a misspelt name would be missing from all.
        assert.ok(COMMON_ROOTS.filter((name) => !known.has(name)).length <= 5);
    });

    it("all of Mozilla's: at most 58,000 bytes", () => {
        const bundle = rootBundle("all");
        assert.ok(bundle.length <= 58_000, `${bundle.length}`);
        assert.equal(readBundle(bundle).length, tls.rootCertificates.length);
    });

    it("holds key, name, path length and last day of each root", () => {
        const anchors = readBundle(rootBundle("all"));
        const names = anchors.map(({ name }) => name);
        assert.deepEqual(names, [...names].sort());
        for (const { der, name } of allRoots()) {
            const certificate = new X509Certificate(der);
            const fields = readCertificate(der)!;
            const anchor = anchors.find((one) => one.name === nameHash(fields.subject))!;
            assert.deepEqual(anchor.key, certificate.publicKey.export({ type: "spki", format: "der" }), name);
            const until = Date.parse(certificate.validTo);
            assert.ok(anchor.until <= until && until - anchor.until < 86_400_000, name);
            assert.equal(anchor.pathLength, fields.pathLength, name);
        }
    });

    it("refuses what it cannot hold", () => {
        const key = makeKey("P-256");
        const leaf = issue({ subject: "CN=leaf", key });
        const constraint = tlv(0x30, tlv(0xa0, tlv(0x30, tlv(0x82, Buffer.from("test")))));
        const constrained = issue({ subject: "CN=root", key, ca: true, more: [["2.5.29.30", true, constraint]] });
        const code = "ETLS_BAD_CERTIFICATE";
        assert.throws(() => makeBundle([]), { code });
        assert.throws(() => makeBundle([leaf.der]), { code, message: /no CA certificate/ });
        assert.throws(() => makeBundle([constrained.der]), { code, message: /name constraints/ });
        assert.throws(() => makeBundle([constrained.der.subarray(1)]), { code, message: /damaged/ });
        assert.throws(() => readBundle(Buffer.from("x")), { code: "ETLS_BAD_BUNDLE" });
    });

    describe("in the core", function () {
        this.timeout(60_000);
        const keys = new Map<KeyType, KeyPair>();
        const keyFor = (type: KeyType): KeyPair => {
            const key = keys.get(type) ?? makeKey(type);
            keys.set(type, key);
            return key;
        };
        /** By the first label of the name that is asked for. */
        const contexts = new Map<string, tls.SecureContext>();
        const server = tls.createServer({
            SNICallback: (name, done) => done(null, contexts.get(name.split(".")[0] ?? "")),
        });
        let core: EspruinoTls;
        let port = 0;
        const serve = (label: string, leaf: Made, ...above: Made[]): void => {
            const cert = [leaf, ...above].map(({ pem }) => pem).join("");
            contexts.set(label, tls.createSecureContext({ cert, key: keyPem(leaf) }));
        };
        const visit = async (label: string, options: object): Promise<string> => {
            const host = `${label}.example.test`;
            const to = { host: "127.0.0.1", port, servername: host, ...options };
            const { error, secured } = await converse(core, to, (socket) => socket.end());
            return error?.code ?? (secured ? "verified" : "closed");
        };
        const leafOf = (label: string, issuer: Made): Made =>
            issue({ subject: `CN=${label}`, key: keyFor("P-256"), issuer, names: [`${label}.example.test`] });

        before(async () => {
            core = await openCore();
            await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
            port = (server.address() as { port: number }).port;
        });
        after(() => {
            core.close();
            server.close();
        });

        it("every root of Node's store is found by its name, with its kind of key", async () => {
            // The names are those of the real roots, byte by byte; the keys are ours.
            const roots = allRoots().map(({ der }) => {
                const { subject, key } = readCertificate(der)!;
                return issue({ subject, key: keyFor(kindOf(key)), ca: true });
            });
            const ca = makeBundle(roots.map(({ der }) => der));
            const secureContext = core.tls.createSecureContext({ ca, maxVersion: "TLSv1.2" });
            const results = new Map<string, number>();
            for (const [index, root] of roots.entries()) {
                serve(`r${index}`, leafOf(`r${index}`, root));
                const result = await visit(`r${index}`, { secureContext });
                results.set(result, (results.get(result) ?? 0) + 1);
            }
            secureContext.free();
            assert.deepEqual([...results], [["verified", roots.length]]);
        });

        it("a root of the same name with another key, or of another name, is not taken", async () => {
            const root = issue({ subject: "CN=Root", key: keyFor("P-384"), ca: true });
            const twin = issue({ subject: "CN=Root", key: makeKey("P-384"), ca: true });
            const other = issue({ subject: "CN=Other", key: keyFor("P-384"), ca: true });
            serve("twin", leafOf("twin", root));
            assert.equal(await visit("twin", { ca: makeBundle([root.der]) }), "verified");
            assert.equal(await visit("twin", { ca: makeBundle([twin.der, root.der]) }), "verified");
            assert.equal(await visit("twin", { ca: makeBundle([twin.der]) }), "ETLS_CERT_MISSING_INTERMEDIATE");
            assert.equal(await visit("twin", { ca: makeBundle([other.der]) }), "ETLS_CERT_MISSING_INTERMEDIATE");
            assert.equal(await visit("twin", {}), "ETLS_CERT_MISSING_INTERMEDIATE");
        });

        it("path length and last day of an anchor count", async () => {
            const key = keyFor("P-256");
            const results: string[] = [];
            for (const [label, ca, days] of [["p0", 0, 9], ["p1", 1, 9], ["old", true, -1]] as const) {
                const root = issue({ subject: `CN=Root ${label}`, key: keyFor("P-384"), ca, days: [-400, days] });
                const middle = issue({ subject: `CN=Middle ${label}`, key, issuer: root, ca: true });
                const lower = issue({ subject: `CN=Lower ${label}`, key, issuer: middle, ca: true });
                serve(label, leafOf(label, lower), lower, middle);
                serve(`${label}m`, leafOf(`${label}m`, middle), middle);
                for (const one of [label, `${label}m`]) {
                    const [bundled, whole] = [makeBundle([root.der]), root.der];
                    const result = await visit(one, { ca: bundled });
                    assert.equal(result, await visit(one, { ca: whole }), `${one}: as with the certificate`);
                    results.push(result);
                }
            }
            const tooLong = "ETLS_CERT_PATH_LENGTH";
            assert.deepEqual(results, [tooLong, tooLong, tooLong, "verified", "ETLS_CERT_EXPIRED", "ETLS_CERT_EXPIRED"]);
        });

        it("contexts with different stores at once, and extraCA on top of the default and of ca", async () => {
            const [one, two, three] = ["One", "Two", "Three"].map((name) =>
                issue({ subject: `CN=Root ${name}`, key: keyFor("P-384"), ca: true })) as [Made, Made, Made];
            [one, two, three].forEach((root, at) => serve(`s${at}`, leafOf(`s${at}`, root)));
            const stores = [{ ca: makeBundle([one.der]) }, { ca: [two.der] }, { ca: makeBundle([one.der]), extraCA: three.pem }, { extraCA: one.pem }]
                .map((options) => core.tls.createSecureContext(options));
            const results = await Promise.all(stores.map((secureContext) =>
                Promise.all(["s0", "s1", "s2"].map(async (label) => await visit(label, { secureContext }) === "verified"))));
            stores.forEach((store) => store.free());
            assert.deepEqual(results, [[true, false, false], [false, true, false], [true, false, true], [true, false, false]]);
            const { length } = readBundle(rootBundle("common"));
            assert.ok(length > 30, "and the default store is there beside extraCA");
        });

        it("takes 24 bytes of the arena, whatever its size", async () => {
            const root = issue({ subject: "CN=Root", key: keyFor("P-256"), ca: true });
            serve("twin", leafOf("twin", root));
            const used: number[] = [];
            for (const ca of [[], [root.der], [rootBundle("common")], [rootBundle("all")], [rootBundle("all"), root.der]]) {
                const own = await openCore();
                const context = own.tls.createSecureContext({ ca, requestCert: true }) as unknown as { _handle(binding: object, role: number): number; _source: { host: { binding: object } } };
                context._handle(context._source.host.binding, 0);
                used.push(own.memory().inUse);
                own.close();
            }
            const [none = 0, ...others] = used;
            assert.deepEqual(others.map((bytes) => bytes - none), [24, 24, 24, 48]);
        });

        it("shows an anchor of a bundle in the chain: its name, no fingerprint", async () => {
            const root = issue({ subject: "C=XX, O=Example, CN=Root in a bundle", key: keyFor("RSA-2048"), ca: true });
            serve("shown", leafOf("shown", root));
            let chain: unknown[] = [];
            const to = { host: "127.0.0.1", port, servername: "shown.example.test", ca: makeBundle([root.der]), keepChain: true };
            await converse(core, to, (socket) => {
                chain = socket.getPeerCertificate(true).map(({ subject, key, fingerprint256 }) => [subject, key, fingerprint256.length]);
                socket.end();
            });
            assert.deepEqual(chain[1], [{ C: "XX", O: "Example", CN: "Root in a bundle" }, "RSA 2048", 0]);
        });

        it("a bundle that is damaged at any byte, cut or longer is refused, and named", async () => {
            const root = issue({ subject: "CN=Root", key: keyFor("P-256"), ca: true });
            const good = makeBundle([root.der]);
            for (let at = 0; at < good.length; at += 1) {
                const bad = Buffer.from(good);
                bad[at]! ^= 1 << at % 8;
                const fault = faultOf(bad);
                assert.ok(fault, `byte ${at}`);
                const code = await visit("twin", { ca: bad });
                assert.match(code, at < 4 ? /^ETLS_BAD_CERTIFICATE$/ : /^ETLS_BAD_BUNDLE$/, `byte ${at}`);
            }
            for (const bad of [good.subarray(0, -1), Buffer.concat([good, Buffer.of(0)]), good.subarray(0, 15)]) {
                const { error } = await converse(core, { port, servername: "twin.example.test", ca: [root.pem, bad] });
                assert.equal(error?.code, "ETLS_BAD_BUNDLE");
                assert.match(error.message, /^ca\[1\] is not a trust bundle that can be used: (it is cut off|something follows|it does not begin)/);
            }
        });
    });
});
