// SPDX-License-Identifier: Apache-2.0
// The commands ca fetch, ca bundle and verify.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import tls from "node:tls";
import { after, before, describe, it } from "mocha";
import { EXIT, exitCodeOf } from "../cli/exit.ts";
import { CertificateReader } from "../cli/probe.ts";
import { STARTTLS_NAMES } from "../cli/starttls.ts";
import { ERRORS } from "../modules/errors.gen.ts";
import { makeBundle, readBundle } from "../wasm/trust_bundle.ts";
import { CA, makeChain, SERVER } from "./support/own-chain.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { run } from "./support/processes.ts";
import type { Finished } from "./support/processes.ts";
import { nodeTlsServer, opensslServer } from "./support/servers.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const cli = (args: string[], input?: string | Uint8Array): Promise<Finished> =>
    run(process.execPath, [MAIN, ...args], { input });

describe("cli: ca and verify", function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "etls-ca-"));
    let pki: Pki;
    before(async () => {
        pki = await cachedPki();
    });
    after(() => rmSync(folder, { recursive: true }));

    describe("ca fetch", () => {
        const fetch = async (args: string[], input?: string | Uint8Array): Promise<string> => {
            const { code, stdout, stderr } = await cli(["ca", "fetch", ...args], input);
            assert.equal(code, 0, stderr);
            return stdout.toString();
        };

        it("writes the anchor in every form, each read back by what it is for", async () => {
            const { chainFile, rootFile, rootDer } = pki.ec;
            const write = (format: string): Promise<string> => fetch([chainFile, "--store", rootFile, "--format", format]);
            const root = Buffer.from(rootDer);
            assert.deepEqual(new X509Certificate(await write("pem")).raw, root);
            assert.deepEqual(Buffer.from(await write("base64"), "base64"), root);
            await fetch([chainFile, "--store", rootFile, "--format", "der", "-o", join(folder, "root.der")]);
            assert.deepEqual(readFileSync(join(folder, "root.der")), root);
            const array = [...(await write("c")).matchAll(/0x([0-9a-f]{2})/g)].map((match) => parseInt(match[1]!, 16));
            assert.deepEqual(Buffer.from(array), root);
            const espruino = /var ca = (atob\([^]*?\));/.exec(await write("espruino"))?.[1] ?? "";
            assert.deepEqual(Buffer.from(new Function(`return ${espruino}`)() as string, "latin1"), root);
            const python = await write("micropython");
            assert.deepEqual(Buffer.from([...python.matchAll(/b"([^"]+)"/g)].map((match) => match[1]).join(""), "base64"), root);
            assert.match(python, /PROTOCOL_TLS_CLIENT/);
            const circuit = /"""\\\n([^]*)"""/.exec(await write("circuitpython"))?.[1] ?? "";
            assert.deepEqual(new X509Certificate(circuit).raw, root);
            for (const code of [python, await write("circuitpython")]) compilesAsPython(code);
        });

        const compilesAsPython = (code: string): void => {
            try {
                execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: code, stdio: ["pipe", "pipe", "pipe"] });
            } catch (error) {
                const { code: errno } = error as { code?: string };
                if (errno !== "ENOENT") throw error;
                console.log("      python3 is not installed: the Python programs were not parsed.");
            }
        };

        it("tells people who issued whom, and until when", async () => {
            const text = await fetch([pki.rsa.chainFile, "--store", pki.rsa.rootFile]);
            assert.match(text, /sends 2 certificates/);
            assert.match(text, /0 {2}server {2}RSA 2048, [\d,]+ bytes\n {5}for localhost, .*\n {5}until 20\d\d-\d\d-\d\d \(\d+ days\)\n {5}issued by Test RSA authority: number 1/);
            assert.match(text, /issued by Test RSA root: a public root/);
            assert.match(text, /Load: Test RSA root {2}public root, RSA 4096, [\d,]+ bytes/);
            assert.ok(text.includes(new X509Certificate(pki.rsa.rootPem).fingerprint256));
            assert.deepEqual(text.split("\n").filter((line) => line.length > 110), []);
        });

        it("tries out what it has chosen: a board accepts the server, or still refuses it, and why", async () => {
            const file = [pki.ec.chainFile, "--store", pki.ec.rootFile];
            const good = await fetch([...file, "--servername", "server.example.test"]);
            assert.match(good, /\n {2}Tried out: a board that loads it accepts server\.example\.test\.\n/);
            const wrong = await fetch([...file, "--servername", "other.test"]);
            assert.match(wrong, /\n {2}! Tried out: a board that loads it still refuses other\.test: ETLS_CERT_NAME_MISMATCH:\s/);
            assert.doesNotMatch(await fetch(file), /Tried out/, "there is no name to check");
            const old = await fetch([pki.bad.expired.chainFile, "--store", pki.ec.rootFile, "--servername", "localhost", "--json"]);
            const { trial } = JSON.parse(old) as { trial: { good: boolean; error: { code: string } } };
            assert.deepEqual([trial.good, trial.error.code], [false, "ETLS_CERT_EXPIRED"]);
        });

        it("reads what openssl s_client -showcerts prints", async () => {
            const server = await nodeTlsServer({ identity: pki.ec });
            const { stdout } = await run("openssl", ["s_client", "-connect", `127.0.0.1:${server.port}`, "-showcerts"], { input: "" });
            await server.close();
            const report = JSON.parse(await fetch(["-", "--store", pki.ec.rootFile, "--json"], stdout)) as { anchor: { name: string }; sent: object[] };
            assert.deepEqual([report.anchor.name, report.sent.length], ["Test EC root", 2]);
        });

        it("looks at servers of TLS 1.2, of 1.3 alone, and at one that wants a client certificate", async () => {
            for (const options of [{ version: "1.2" }, { version: "1.3" }, { version: "1.2", clientRootFile: pki.ec.rootFile }] as const) {
                const server = await opensslServer({ identity: pki.rsa, ...options });
                const text = await fetch([`localhost:${server.port}`, "--store", pki.rsa.rootFile]);
                await server.close();
                assert.match(text, options.version === "1.3" ? /\(TLSv1\.3 alone: put in order/ : /\(TLSv1\.2\)/);
                assert.match(text, /Load: Test RSA root/);
            }
        });

        /** What servers say before TLS, by protocol. */
        const TALK: Record<string, [greeting: string, replies: [asked: RegExp, answer: string][]]> = {
            smtp: ["220-hello\r\n220 mail\r\n", [[/^EHLO/, "250-mail\r\n250 STARTTLS\r\n"], [/^STARTTLS/, "220 go\r\n"]]],
            lmtp: ["220 mail\r\n", [[/^LHLO/, "250 STARTTLS\r\n"], [/^STARTTLS/, "220 go\r\n"]]],
            imap: ["* OK ready\r\n", [[/^a STARTTLS/, "a OK go\r\n"]]],
            pop3: ["+OK ready\r\n", [[/^STLS/, "+OK go\r\n"]]],
            ftp: ["220 ready\r\n", [[/^AUTH TLS/, "234 go\r\n"]]],
            nntp: ["200 ready\r\n", [[/^STARTTLS/, "382 go\r\n"]]],
            sieve: ["\"STARTTLS\"\r\nOK\r\n", [[/^STARTTLS/, "OK go\r\n"]]],
            xmpp: ["", [[/<stream:stream/, "<stream:stream><stream:features><starttls/></stream:features>"], [/<starttls/, "<proceed/>"]]],
            postgres: ["", [[/^\0\0\0\x08\x04\xd2\x16\x2f/, "S"]]],
        };
        const talk = (socket: Socket, protocol: string, secured: () => void): void => {
            const [greeting, replies] = TALK[protocol]!;
            const left = [...replies];
            // In pieces of three bytes, as networks may deliver them.
            const send = (text: string): void => (text.match(/[^]{1,3}/g) ?? []).forEach((piece) => socket.write(piece));
            send(greeting);
            const take = (data: Buffer): void => {
                const next = left.shift();
                assert.match(data.toString("latin1"), next![0]);
                if (left.length === 0) socket.off("data", take);
                send(next![1]);
                if (left.length === 0) secured();
            };
            socket.on("data", take);
        };

        it("asks for TLS in other protocols first", async () => {
            const secureContext = tls.createSecureContext({ cert: pki.ec.chainPem, key: pki.ec.keyPem });
            assert.deepEqual(STARTTLS_NAMES, Object.keys(TALK));
            await Promise.all(STARTTLS_NAMES.map(async (protocol) => {
                const server = createServer((socket) => {
                    socket.on("error", () => undefined);
                    talk(socket, protocol, () => new tls.TLSSocket(socket, { isServer: true, secureContext }).on("error", () => undefined));
                });
                await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
                const { port } = server.address() as { port: number };
                const text = await fetch([`127.0.0.1:${port}`, "--starttls", protocol, "--store", pki.ec.rootFile]);
                server.close();
                assert.match(text, /sends 2 certificates \(TLSv1\.2\)/, protocol);
                assert.match(text, /Load: Test EC root/, protocol);
            }));
        });

        it("exit codes: 2 usage, 3 nobody there or no TLS offered, 4 nothing to load, 5 no TLS", async () => {
            const plain = createServer((socket) => socket.on("error", () => undefined).end("220 mail\r\n502 no such command\r\n"));
            await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
            const { port } = plain.address() as { port: number };
            const cases: [args: string[], code: number, words: RegExp][] = [
                [[], 2, /no host and no file/],
                [["a", "b"], 2, /one at a time/],
                [["a:0"], 2, /neither a host nor HOST:PORT/],
                [["a b"], 2, /neither a host nor HOST:PORT/],
                [[pki.ec.keyFile], 2, /it is a private key/],
                [["a", "--format", "pme"], 2, /did you mean pem/],
                [["a", "--starttls", "imp"], 2, /did you mean imap/],
                [["127.0.0.1:1"], 3, /could not connect to 127\.0\.0\.1:1/],
                [[`127.0.0.1:${port}`, "--starttls", "smtp"], 3, /did not take to TLS \(smtp\)/],
                [[pki.bad.selfSigned.certFile], 4, /^$/],
                [[`127.0.0.1:${port}`], 5, /no TLS with 127\.0\.0\.1/],
            ];
            for (const [args, code, words] of cases) {
                const finished = await cli(["ca", "fetch", ...args]);
                assert.equal(finished.code, code, `${args.join(" ")}: ${finished.stderr}`);
                assert.match(finished.stderr, words);
            }
            plain.close();
        });

        it("the reader of the wire takes records and messages in any pieces, and junk", () => {
            const list = Buffer.concat([pki.ec.certDer, pki.ec.rootDer].map((der) => Buffer.concat([Buffer.of(0, der.length >> 8, der.length & 255), der])));
            const body = Buffer.concat([Buffer.of(0, list.length >> 8, list.length & 255), list]);
            const message = Buffer.concat([Buffer.of(2, 0, 0, 1, 7, 11, 0, body.length >> 8, body.length & 255), body]);
            const records = Buffer.concat(Array.from({ length: Math.ceil(message.length / 100) }, (_, at) => {
                const piece = message.subarray(100 * at, 100 * at + 100);
                return Buffer.concat([Buffer.of(22, 3, 3, 0, piece.length), piece]);
            }));
            for (const step of [1, 7, 1000, records.length]) {
                const reader = new CertificateReader();
                for (let at = 0; at < records.length; at += step) reader.take(records.subarray(at, at + step));
                assert.deepEqual(reader.found?.map((der) => der.toString("hex")), [pki.ec.certDer, pki.ec.rootDer].map((der) => Buffer.from(der).toString("hex")));
            }
            for (let at = 0; at < 60; at += 1) {
                const reader = new CertificateReader();
                const junk = Buffer.from(records);
                junk[at]! ^= 0xff;
                assert.doesNotThrow(() => reader.take(junk));
            }
        });
    });

    describe("ca bundle", () => {
        it("writes common, all, and those of hosts and files; what it holds is told", async () => {
            const file = join(folder, "roots.bin");
            const server = await nodeTlsServer({ identity: pki.ec });
            const cases: [args: string[], count: number, most: number][] = [
                [["--common"], 43, 14_000],
                [["--all"], tls.rootCertificates.length, 58_000],
                [["--hosts", `127.0.0.1:${server.port}`, "--store", pki.ec.rootFile], 1, 200],
                [["--hosts", `127.0.0.1:${server.port}`, "--store", pki.ec.rootFile, "--add", pki.rsa.rootFile], 2, 800],
            ];
            for (const [args, count, most] of cases) {
                const { code, stdout, stderr } = await cli(["ca", "bundle", ...args, "-o", file]);
                assert.equal(code, 0, stderr);
                const data = readFileSync(file);
                const anchors = readBundle(data);
                assert.ok(data.length <= most, `${args}: ${data.length}`);
                assert.ok(Math.abs(anchors.length - count) <= 5 && (count > 5 || anchors.length === count));
                assert.match(stdout.toString(), new RegExp(`roots.bin: ${anchors.length} roots?, [\\d,]+ bytes\n$`));
            }
            const json = await cli(["ca", "bundle", "--add", pki.rsa.rootFile, "-o", file, "--json"]);
            const { anchors } = JSON.parse(json.stdout.toString()) as { anchors: { name: string }[] };
            assert.deepEqual(anchors.map(({ name }) => name), ["Test RSA root"]);
            await server.close();
        });

        it("is trusted by file name, in get and in verify", async () => {
            const file = join(folder, "own.bin");
            writeFileSync(file, makeBundle([pki.ec.rootDer]));
            const { code, stderr } = await cli(["verify", pki.ec.chainFile, "--host", "localhost", "--ca", file]);
            assert.equal(code, 0, stderr);
        });

        it("exit code 2 for what cannot be", async () => {
            for (const [args, words] of [
                [["-o", "x"], /nothing to put in/], [["--common"], /give -o FILE/], [["--comon", "-o", "x"], /did you mean --common/],
                [["--add", pki.ec.certFile, "-o", join(folder, "x")], /no CA certificate/], [["--common", "-o", "/no/such/folder/x"], /cannot write/],
            ] as const) {
                const finished = await cli(["ca", "bundle", ...args]);
                assert.equal(finished.code, 2, finished.stderr);
                assert.match(finished.stderr, words);
            }
            assert.match((await cli(["ca"])).stderr, /no command; espruino-tls ca --help lists/);
            assert.match((await cli(["ca", "fech"])).stderr, /unknown command ca fech; did you mean fetch/);
        });
    });

    describe("verify", () => {
        const verify = async (args: string[], input?: string): Promise<[code: number | null, output: string]> => {
            const { code, stdout, stderr } = await cli(["verify", ...args], input);
            return [code, stdout.toString() + stderr];
        };
        const ec = (): string[] => [pki.ec.chainFile, "--ca", pki.ec.rootFile];

        it("0 for a good chain, 1 with the reason for others", async () => {
            const bad = (name: keyof Pki["bad"]): string[] => [pki.bad[name].chainFile, "--ca", pki.bad[name].rootFile];
            const cases: [args: string[], code: number, words: RegExp][] = [
                [[...ec(), "--host", "localhost"], 0, /^good for localhost at .*:\n {2}CN=server, EC P-256, .*\n {2}CN=Test EC authority, /],
                [[...ec(), "--host", "127.0.0.1"], 0, /^good/],
                [[...ec(), "--host", "other.test"], 1, /^refused for other\.test at .*: ETLS_CERT_NAME_MISMATCH\ncertificate is not for other\.test/],
                [[pki.ec.chainFile, "--host", "localhost"], 1, /ETLS_CERT_UNKNOWN_ISSUER/],
                [[pki.ec.certFile, "--ca", pki.ec.rootFile, "--host", "localhost"], 1, /ETLS_CERT_MISSING_INTERMEDIATE/],
                [[...bad("expired"), "--host", "localhost"], 1, /ETLS_CERT_EXPIRED\ncertificate expired 30 days ago: .*notAfter 20.*; the clock says 20/],
                [[...bad("selfSigned"), "--host", "localhost"], 1, /ETLS_CERT_SELF_SIGNED/],
                [[...bad("wrongHost"), "--host", "other.example.org"], 0, /^good/],
            ];
            for (const [args, code, words] of cases) {
                const [got, output] = await verify(args);
                assert.equal(got, code, output);
                assert.match(output, words);
            }
        });

        it("1 for every kind of certificate error, and nothing else for those", () => {
            const codes = Object.values(ERRORS).flatMap((entry) => (entry ? [`ETLS_${entry[0]}`] : []));
            const certificate = codes.filter((code) => code.startsWith("ETLS_CERT_"));
            assert.ok(certificate.length > 20);
            for (const code of certificate) assert.equal(exitCodeOf(code), EXIT.certificate, code);
            assert.equal(exitCodeOf("ETLS_DECODE_ERROR"), EXIT.protocol);
        });

        it("1 for what a board would not take: constraints, too long a chain, an anchor of an unknown kind", async () => {
            const rsa = [pki.rsa.certPem, ...Array.from({ length: 20 }, () => pki.rsa.issuersPem)].join("");
            assert.ok(rsa.length > 30_000, "more than a window of the core");
            const [long, output] = await verify(["-", "--ca", pki.rsa.rootFile, "--host", "localhost"], rsa);
            assert.match(output, /ETLS_CERT_CHAIN_TOO_LONG\nthe peer's chain has more than 10 certificates/);
            const own = join(folder, "own.pem");
            const p521 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-noenc", "-keyout", "/dev/null"];
            const made = await run("openssl", ["req", "-x509", "-config", "/dev/null", ...p521, "-subj", "/CN=root", "-out", own]);
            assert.equal(made.code, 0, made.stderr);
            const [strange, words] = await verify([pki.ec.chainFile, "--ca", own, "--host", "localhost"]);
            assert.match(words, /ETLS_BAD_CERTIFICATE\nca\[0\] is not a certificate that can be used: .*secp521r1/);
            const constraints = [...CA, "nameConstraints=critical,permitted;DNS:example.test"];
            const leaf = { cn: "server", extensions: SERVER };
            const chain = await makeChain([{ cn: "root" }, { cn: "authority", extensions: constraints }, leaf]);
            writeFileSync(own, chain.rootPem);
            const [narrow, told] = await verify(["-", "--ca", own, "--host", "localhost"], chain.chainPem);
            assert.match(told, /ETLS_CERT_NAME_CONSTRAINTS\n/);
            assert.deepEqual([long, strange, narrow], [1, 1, 1]);
        });

        it("as of another time", async () => {
            const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
            const at = (time: string): Promise<[number | null, string]> => verify([...ec(), "--host", "localhost", "--at", time]);
            assert.deepEqual((await at(day(30)))[0], 0);
            const [late, expired] = await at(`${day(100)}T00:00:00Z`);
            assert.equal(late, 1);
            assert.match(expired, new RegExp(`ETLS_CERT_EXPIRED[^]*the clock says ${day(100)}T00:00:00Z`));
            assert.match((await at("@1000000000"))[1], /refused for localhost at 2001-09-09T01:46:40Z: ETLS_CERT_NOT_YET_VALID/);
        });

        it("from standard input, and for programs", async () => {
            const [code, output] = await verify(["-", "--ca", pki.ec.rootFile, "--host", "localhost", "--json"], pki.ec.chainPem);
            const good = JSON.parse(output) as { good: boolean; path: object[]; error?: object };
            assert.deepEqual([code, good.good, good.path.length, good.error], [0, true, 3, undefined]);
            const [failed, refusal] = await verify([...ec(), "--host", "x.test", "--json"]);
            const bad = JSON.parse(refusal) as { good: boolean; error: { code: string; errno: number } };
            assert.deepEqual([failed, bad.good, bad.error.code, bad.error.errno], [1, false, "ETLS_CERT_NAME_MISMATCH", -62]);
        });

        it("2 for what cannot be judged", async () => {
            for (const [args, words] of [
                [[], /no chain/], [ec(), /give --host NAME/], [[...ec(), "--host", "a b"], /ETLS_BAD_HOST_NAME/],
                [[...ec(), "--host", "localhost", "--at", "tomorrow"], /--at tomorrow is no time/],
                [[pki.ec.keyFile, "--host", "x"], /it is a private key/], [["/no/such", "--host", "x"], /cannot read \/no\/such/],
                [[pki.ec.chainFile, "--host", "x", "--ca", pki.ec.keyFile], /ETLS_BAD_CERTIFICATE: ca.*it is a private key/],
            ] as const) {
                const [code, output] = await verify([...args]);
                assert.equal(code, 2, output);
                assert.match(output, words);
            }
        });
    });
});
