// SPDX-License-Identifier: Apache-2.0
/** Rules for chains that Mbed TLS leaves out, on chains of our own, and pinned keys. */
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import {
    CLIENT, ENTRY_CONTEXT_ADD_CA, ENTRY_CONTEXT_FREE, ENTRY_SESSION_FREE, ENTRY_SESSION_VERIFY,
} from "../modules/abi.gen.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { Core, derOf } from "./support/abi.ts";
import { closeClean, converse, openCore } from "./support/core.ts";
import { CA, makeChain } from "./support/own-chain.ts";
import type { Link } from "./support/own-chain.ts";
import { cachedPki } from "./support/pki.ts";
import type { Identity } from "./support/pki.ts";
import { nodeTlsServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

const root: Link = { cn: "root" };
const sub = (...extensions: string[]): Link => ({ cn: "authority", extensions: [...CA, ...extensions] });
const constrained = (value: string, critical = true): Link =>
    sub(`nameConstraints=${critical ? "critical," : ""}${value}`);
const leaf = (san: string, cn = "server", ...more: string[]): Link => ({
    cn,
    extensions: [`subjectAltName=${san}`, "extendedKeyUsage=serverAuth", ...more],
});
const local = leaf("DNS:localhost");
const anchored = (pathlen: number, cn = "authority"): Link => ({
    cn,
    extensions: [`basicConstraints=critical,CA:TRUE,pathlen:${pathlen}`, "keyUsage=critical,keyCertSign"],
});

/** What is judged, the chain below the root, and what comes out; the host is localhost unless told. */
const CASES: [what: string, chain: Link[], result: string | number, host?: string][] = [
    ["name constraints that allow it", [constrained("permitted;DNS:localhost"), local], 0],
    ["name constraints that do not", [constrained("permitted;DNS:example.test"), local], "CERT_NAME_CONSTRAINTS"],
    ["the same, not critical", [constrained("permitted;DNS:example.test", false), local], "CERT_NAME_CONSTRAINTS"],
    ["an excluded name", [constrained("excluded;DNS:localhost"), local], "CERT_NAME_CONSTRAINTS"],
    ["a label is not part of a label", [constrained("excluded;DNS:host"), local], 0],
    ["a wildcard that could be an excluded name",
        [constrained("excluded;DNS:a.example.test"), leaf("DNS:*.example.test")], "CERT_NAME_CONSTRAINTS", "b.example.test"],
    ["addresses within a network",
        [constrained("permitted;IP:192.0.2.0/255.255.255.0"), leaf("IP:192.0.2.1")], 0, "192.0.2.1"],
    ["addresses outside of it",
        [constrained("permitted;IP:192.0.3.0/255.255.255.0"), leaf("IP:192.0.2.1")], "CERT_NAME_CONSTRAINTS", "192.0.2.1"],
    ["a mask with holes",
        [constrained("permitted;IP:192.0.2.0/255.0.255.0"), leaf("IP:192.0.2.1")], "CERT_NAME_CONSTRAINTS", "192.0.2.1"],
    ["constraints of a kind that is not known, with no such name", [constrained("excluded;URI:x.test"), local], 0],
    ["constraints of a kind that is not known, with such a name",
        [constrained("excluded;URI:x.test"), leaf("DNS:localhost,URI:http://y.test/")], "CERT_NAME_CONSTRAINTS"],
    ["a path as long as allowed", [anchored(0), local], 0],
    ["a longer one", [anchored(0), anchored(0, "below"), local], "CERT_PATH_LENGTH"],
    ["a longer one by a certificate that issued itself", [anchored(0), anchored(0), local], 0],
    ["an issuer that is no CA", [{ cn: "none", extensions: ["basicConstraints=critical,CA:FALSE"] }, local], "CERT_NOT_CA"],
    ["an issuer for clients only", [sub("extendedKeyUsage=clientAuth"), local], "CERT_EXT_KEY_USAGE"],
    ["no key identifier", [sub(), leaf("DNS:localhost", "server", "authorityKeyIdentifier=none")], "CERT_PROFILE"],
    ["a critical subjectAltName beside a subject", [sub(), leaf("critical,DNS:localhost")], "CERT_PROFILE"],
    ["a common name of another host", [sub(), leaf("DNS:localhost,DNS:a.test", "b.test")], "CERT_COMMON_NAME"],
    ["a common name above", [sub(), leaf("DNS:localhost,DNS:a.b.test", "b.test")], 0],
    ["an address written otherwise", [sub(), leaf("IP:::1", "0::1")], "CERT_COMMON_NAME", "::1"],
    ["an RSA key of odd length", [sub(), { ...local, key: "rsa:2052" }], "CERT_WEAK_KEY"],
];

describe("rules for chains", function () {
    this.timeout(20000);
    let core: Core;
    before(async () => {
        core = await Core.open(65536);
    });
    after(() => core.close());

    for (const [what, links, expected, host = "localhost"] of CASES) {
        it(`${what}: ${expected === 0 ? "good" : expected}`, async () => {
            const { rootPem, chainPem } = await makeChain([root, ...links]);
            const context = core.context(CLIENT);
            assert.equal(core.give(ENTRY_CONTEXT_ADD_CA, context, derOf(rootPem)), 0);
            const pems = chainPem.split(/(?<=-----END CERTIFICATE-----\n)/).filter(Boolean);
            const [own, ...issuers] = pems.map(derOf) as [Uint8Array, ...Uint8Array[]];
            for (const order of [issuers, [...issuers].reverse()]) {
                const session = core.session(context, host) as number;
                assert.equal(core.give(ENTRY_SESSION_VERIFY, session, Buffer.concat([own, ...order])), expected);
                assert.equal(core.call(ENTRY_SESSION_FREE, session), 0);
            }
            assert.equal(core.call(ENTRY_CONTEXT_FREE, context), 0);
        });
    }
});

describe("pinned keys", () => {
    let core: EspruinoTls;
    let server: Server;
    let identity: Identity;
    before(async () => {
        identity = (await cachedPki()).ec;
        server = await nodeTlsServer({ identity });
    });
    after(() => server.close());
    beforeEach(async () => {
        core = await openCore();
    });
    afterEach(() => closeClean(core));

    const pinOf = (pem: string): string => {
        const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
        return `sha256//${createHash("sha256").update(spki).digest("base64")}`;
    };
    const connect = async (pinnedPubkey: string, more: object = {}): Promise<string | undefined> => {
        const to = { host: "localhost", port: server.port, ca: identity.rootPem, pinnedPubkey, ...more };
        const told = await converse(core, to, (socket) => void socket.end());
        assert.equal(told.secured, told.error === undefined, "nothing is told before the key is checked");
        return told.error?.code;
    };

    it("the right one, alone and among others", async () => {
        const pin = pinOf(identity.certPem);
        assert.equal(await connect(pin), undefined);
        assert.equal(await connect(`${pinOf(identity.rootPem)};${pin}`), undefined);
    });

    it("another: refused, with rejectUnauthorized: false too", async () => {
        const pin = pinOf(identity.rootPem);
        assert.equal(await connect(pin), "ETLS_CERT_PIN_MISMATCH");
        assert.equal(await connect(pin, { rejectUnauthorized: false }), "ETLS_CERT_PIN_MISMATCH");
    });

    it("what is no pin is told", async () => {
        const pin = pinOf(identity.certPem);
        for (const wrong of [pin.slice(8), pin.slice(0, -1), `${pin};`, `${pin}, ${pin}`, "sha1//AAAA"]) {
            assert.equal(await connect(wrong), "ETLS_BAD_OPTION", wrong);
        }
    });
});
