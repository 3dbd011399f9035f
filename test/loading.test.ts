// SPDX-License-Identifier: Apache-2.0
/** Loading certificates and keys: each form that people have them in, and what is said of all else. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { loadDer } from "../modules/certificates.ts";
import type { Kind, Loadable } from "../modules/certificates.ts";
import { describe as describeItem } from "../wasm/describe.ts";
import type { SecureContextOptions } from "../modules/secure_context.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { rootBundle } from "../wasm/roots.ts";
import { closeClean, openCore } from "./support/core.ts";
import { issue, makeKey, toPem } from "./support/der-pki.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

/** A secure context, seen from inside. */
interface Inner {
    _source: { host: { binding: object }; key: string[] };
    _handle(binding: object, role: number): number;
}

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

describe("loading certificates and keys", function () {
    this.timeout(30_000);
    const folder = mkdtempSync(join(tmpdir(), "etls-load-"));
    let pki: Pki;
    let core: EspruinoTls;
    /** A board, which has files but cannot describe what it does not know. */
    const board = { readFile: (name: string) => files[name] };
    const desktop = { ...board, describe: describeItem };
    const files: Record<string, string> = {};

    before(async () => {
        pki = await cachedPki();
        core = await openCore();
        files["root.pem"] = pki.ec.rootPem;
        files["root"] = binary(pki.ec.rootDer);
        files["empty"] = "";
    });
    after(async () => {
        rmSync(folder, { recursive: true });
        await closeClean(core);
    });

    /** Loads options into the core, as the first connection with them does. */
    const use = (options: SecureContextOptions): void => {
        const context = core.tls.createSecureContext(options);
        const inner = context as unknown as Inner;
        try {
            inner._handle(inner._source.host.binding, 0);
        } finally {
            context.free();
        }
    };

    it("takes every form of a certificate, and gives its DER", () => {
        const { rootPem: pem, rootDer: der } = pki.ec;
        const forms: Record<string, Loadable> = {
            "PEM": pem,
            "PEM with CRLF": pem.replaceAll("\n", "\r\n"),
            "PEM with CR": pem.replaceAll("\n", "\r"),
            "PEM on one line": pem.replaceAll("\n", ""),
            "PEM with blanks": pem.replaceAll("\n", " \n\t"),
            "PEM with text around": `subject=CN = x\nissuer=CN = y\n${pem}\n# the end\n`,
            "PEM after a byte order mark": `\xef\xbb\xbf${pem}`,
            "PEM of an older name": pem.replaceAll("CERTIFICATE", "X509 CERTIFICATE"),
            "PEM beside a key": pki.ec.keyPem + pem,
            "PEM as bytes": Buffer.from(pem),
            "DER": binary(der),
            "DER as Uint8Array": new Uint8Array(der),
            "base64": base64(der),
            "base64 in lines": base64(der).replace(/.{76}/g, "$&\r\n"),
            "a file with PEM": "root.pem",
            "a file with DER": "root",
            "a function": () => pem,
            "a function of a function of an array": () => () => [der],
            "an array": [pem],
            "an array in an array": [[() => "root"]],
        };
        for (const [name, value] of Object.entries(forms)) {
            for (const source of [board, desktop]) assert.deepEqual(loadDer(source, "ca", value), [binary(der)], name);
        }
    });

    it("takes several at once: in one PEM, in one DER, in mixtures", () => {
        const [ec, rsa] = [pki.ec, pki.rsa];
        const both = [binary(ec.rootDer), binary(rsa.rootDer)];
        const bundle = rootBundle("common");
        assert.deepEqual(loadDer(board, "ca", `${ec.rootPem}text\n${rsa.rootPem}`), both);
        assert.deepEqual(loadDer(board, "ca", Buffer.concat([ec.rootDer, rsa.rootDer])), both);
        assert.deepEqual(loadDer(board, "ca", ["root", rsa.rootPem]), both);
        assert.deepEqual(loadDer(board, "ca", [() => bundle, base64(ec.rootDer), rsa.rootDer]), [binary(bundle), ...both]);
        assert.equal(loadDer(board, "cert", ec.chainPem).length, 2);
        assert.deepEqual(loadDer(board, "ca", []), []);
    });

    it("takes keys as PKCS#8, PKCS#1 and SEC1", () => {
        for (const [keyPem, type] of [[pki.rsa.keyPem, "pkcs1"], [pki.ec.keyPem, "sec1"]] as const) {
            const key = createPrivateKey(keyPem);
            const old = key.export({ type: type as "pkcs1", format: "der" });
            const oldPem = key.export({ type: type as "pkcs1", format: "pem" }).toString();
            const der = key.export({ type: "pkcs8", format: "der" });
            assert.deepEqual(loadDer(board, "key", keyPem), [binary(der)]);
            assert.deepEqual(loadDer(board, "key", oldPem), [binary(old)]);
            assert.deepEqual(loadDer(board, "key", base64(old)), [binary(old)]);
            const cert = type === "sec1" ? pki.ec.chainPem : pki.rsa.chainPem;
            for (const form of [keyPem, oldPem, der, old, oldPem.replaceAll("\n", "\r\n")]) {
                core.tls.createServer({ cert, key: form }).close();
                core.tls.createSecureContext({ cert, key: form }).free();
            }
        }
        const params = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        assert.equal(loadDer(board, "key", params + pki.ec.keyPem).length, 1);
    });

    it("decrypts keys with a passphrase, on the desktop", () => {
        const plain = pki.ec.keyPem;
        const file = join(folder, "key.pem");
        const cipher = "aes-256-cbc";
        const key = createPrivateKey(plain);
        const made: Loadable[] = [
            key.export({ type: "pkcs8", format: "pem", cipher, passphrase: "öl" }).toString(),
            key.export({ type: "pkcs8", format: "der", cipher, passphrase: "öl" }),
            key.export({ type: "sec1", format: "pem", cipher, passphrase: "öl" }).toString(),
            plain,
        ];
        writeFileSync(file, made[0] as string);
        for (const form of [...made, file, () => [made[1]!], base64(made[1] as Buffer)]) {
            const options = { cert: pki.ec.chainPem, key: form, passphrase: "öl" };
            const context = core.tls.createSecureContext(options) as unknown as Inner;
            const [der = ""] = context._source.key;
            const found = createPrivateKey({ key: Buffer.from(der, "latin1"), format: "der", type: "pkcs8" });
            assert.ok(found.equals(key));
        }
        for (const form of made.slice(0, 3)) {
            const cert = pki.ec.chainPem;
            const wrong = { code: "ETLS_BAD_KEY", message: /^key is not .*passphrase does not fit/ };
            const missing = { code: "ETLS_BAD_KEY", message: /^key(\[0\])? is not .*encrypted.*or give passphrase$/ };
            assert.throws(() => core.tls.createSecureContext({ cert, key: form, passphrase: "oil" }), wrong);
            assert.throws(() => use({ cert, key: form }), missing);
            if (typeof form === "string") assert.throws(() => loadDer(board, "key", form), { code: "ETLS_BAD_KEY" });
        }
    });

    describe("says which item is wrong, why, and what it looks like", () => {
        /** What is given as which option, and what is said of it on the desktop. */
        const cases = (): [kind: Kind, value: Loadable, words: RegExp][] => {
            const { rootPem: pem, rootDer: der, keyPem, keyDer } = pki.ec;
            const openssl = (args: string[], input: string | Uint8Array): Buffer =>
                execFileSync("openssl", args, { input, stdio: ["pipe", "pipe", "ignore"] });
            const csr = openssl(["req", "-new", "-key", pki.ec.keyFile, "-subj", "/CN=x"], "");
            const rsa = createPrivateKey(pki.rsa.keyPem);
            const p12 = openssl(["pkcs12", "-export", "-nokeys", "-passout", "pass:", "-in", pki.ec.rootFile], "");
            const p7 = openssl(["crl2pkcs7", "-nocrl", "-certfile", pki.ec.rootFile], "");
            const ed25519 = openssl(["genpkey", "-algorithm", "ed25519"], "");
            const publicKey = openssl(["pkey", "-pubout"], keyPem);
            const cut = pem.slice(0, 200);
            return [
                ["ca", keyPem, /^ca is .*: it is a private key$/],
                ["ca", keyDer, /^ca\b.*: it is a private key \(PKCS#8\)$/],
                ["ca", rsa.export({ type: "pkcs1", format: "der" }), /it is a private key \(PKCS#1, RSA\)$/],
                ["ca", createPrivateKey(keyPem).export({ type: "sec1", format: "der" }), /it is a private key \(SEC1, EC\)$/],
                ["ca", csr.toString(), /it is a certificate request, not yet signed/],
                ["ca", openssl(["req", "-outform", "der"], csr), /it is a certificate request, not yet signed/],
                ["ca", publicKey.toString(), /it is a bare public key$/],
                ["ca", openssl(["pkey", "-pubin", "-outform", "der"], publicKey), /it is a bare public key$/],
                ["ca", p12, /it is a PKCS#12 file .*openssl pkcs12/],
                ["ca", p7.toString(), /it is a PKCS#7 container.*openssl pkcs7/],
                ["ca", openssl(["pkcs7", "-outform", "der"], p7), /it is a PKCS#7 container.*openssl pkcs7/],
                ["ca", `\n <!DOCTYPE html><html>${" ".repeat(200)}</html>`, /it is HTML, perhaps an error page/],
                ["ca", `{"error": "not found"}${" ".repeat(100)}`, /it is JSON$/],
                ["ca", gzipSync(pem), /it is compressed with gzip$/],
                ["ca", Buffer.from(`\ufeff${pem}`, "utf16le"), /it is text in UTF-16; save it as UTF-8$/],
                ["ca", pem.replaceAll("\n", "\\n"), /line ends are the two characters \\ and n/],
                ["ca", Buffer.from(der).toString("hex"), /it is a hexadecimal dump/],
                ["ca", base64(der).replaceAll("+", "-").replaceAll("/", "_"), /it is base64url/],
                ["ca", "", /^ca is .*: it is empty$/],
                ["ca", "empty", /\(file empty\) .*: it is empty$/],
                ["ca", "\r\n", /it is empty$/],
                ["ca", "no-such-file.pem", /there is no file no-such-file.pem$/],
                ["ca", cut, /it is cut off: no line -----END CERTIFICATE-----$/],
                ["ca", der.subarray(0, 100), /it is cut off: 100 of \d+ bytes$/],
                ["ca", base64(der).slice(0, 200), /it is cut off: 150 of \d+ bytes$/],
                ["ca", pem.replace(/\n..../, "\n!!!!"), /its base64 is damaged$/],
                ["ca", [pem, Buffer.concat([der, Buffer.of(1, 2)])], /^ca\[1\] .*something follows it: 2 bytes$/],
                ["ca", Buffer.from([1, 2, 3, 200]), /it is neither PEM, DER nor base64$/],
                ["ca", 5 as unknown as string, /it is neither text, bytes, a function nor an array/],
                ["ca", [pem, [pem, keyPem]], /^ca\[1\]\[1\] .*a private key$/],
                ["extraCA", keyPem, /^extraCA is .*a private key$/],
                ["cert", rootBundle("common"), /^cert is .*: it is a trust bundle$/],
                ["cert", keyPem, /^cert is .*a private key$/],
                ["key", pem, /^key is not a private key.*: it is a certificate$/],
                ["key", der, /^key\b.*: it is a certificate$/],
                ["key", ed25519.toString(), /it is a private key of type ed25519; RSA, P-256/],
                ["key", keyPem.slice(0, 90), /it is cut off: no line/],
                ["key", [keyPem, keyPem], /it holds 2 keys$/],
                ["key", `ssh-ed25519 AAAA${"A".repeat(100)}`, /it is an SSH public key$/],
                ["key", toPem(Buffer.from("openssh-key-v1"), "OPENSSH PRIVATE KEY"), /OpenSSH's format; convert it/],
            ];
        };

        const useAs = (kind: Kind, value: Loadable): void => {
            // A file name of the board is one here too.
            const item = typeof value === "string" && value in files ? join(folder, value) : value;
            use({ ca: pki.rsa.rootPem, ...(kind === "key" ? { cert: pki.ec.chainPem } : {}), [kind]: item });
        };

        it("on the desktop", () => {
            writeFileSync(join(folder, "empty"), "");
            for (const [kind, value, words] of cases()) {
                const code = kind === "key" ? "ETLS_BAD_KEY" : "ETLS_BAD_CERTIFICATE";
                assert.throws(() => useAs(kind, value), (error: { code: string; message: string }) => {
                    assert.equal(error.code, code, String(words));
                    assert.match(error.message.replace(`${folder}/`, ""), words);
                    return true;
                }, String(words));
            }
        });

        it("on a board at least which item, and no crash", () => {
            for (const [kind, value] of cases()) {
                try {
                    loadDer(board, kind, value);
                } catch (error) {
                    const { code, message } = error as { code: string; message: string };
                    assert.match(code, /^ETLS_BAD_(KEY|CERTIFICATE)$/);
                    assert.ok(message.startsWith(kind), message);
                }
            }
        });
    });

    it("describes a certificate cut anywhere, or with any byte changed, without failing", () => {
        const { der } = issue({ subject: "CN=Root", key: makeKey("P-256"), ca: true });
        for (let at = 0; at < der.length; at += 1) {
            const changed = Buffer.from(der);
            changed[at]! ^= 0xff;
            for (const data of [der.subarray(0, at), changed]) {
                for (const kind of ["ca", "key"] as const) {
                    assert.doesNotThrow(() => describeItem(kind, binary(data)));
                    assert.doesNotThrow(() => describeItem(kind, toPem(data)));
                }
            }
        }
    });
});
