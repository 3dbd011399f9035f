// SPDX-License-Identifier: Apache-2.0
// The command line tool, run as a program against real servers.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "mocha";
import { cachedPki } from "./support/pki.ts";
import type { BadName, Pki } from "./support/pki.ts";
import { answerTestPages, sha256, testBytes } from "./support/node-servers.ts";
import { freePort, run } from "./support/processes.ts";
import type { Finished, RunOptions } from "./support/processes.ts";
import { nodeHttpsServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const SIZE = 5 * 1024 * 1024;

const cli = function (args: string[], options?: RunOptions): Promise<Finished> {
    return run(process.execPath, [MAIN, ...args], options);
};

/** Pages that the tests of other modules do not need. */
const answer = function (request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/404") response.writeHead(404).end("nothing here\n");
    else if (request.url === "/moved") response.writeHead(302, { Location: "/else\x9b" }).end();
    else if (request.url === "/cut") {
        response.writeHead(200, { "Content-Length": 10 }).write("half");
        setTimeout(() => response.destroy(), 20);
    } else if (request.url === "/request") {
        response.setHeader("Set-Cookie", ["a=1", "b=2"]);
        response.end(JSON.stringify([request.method, request.headers]));
    } else answerTestPages(request, response);
};

interface Facts {
    status: number;
    headers: { [name: string]: string | string[] };
    protocol: string;
    cipher: { name: string };
    alpn: string | false;
    authorized: boolean;
    authorizationError?: string;
    chain: { subject: { CN: string }; issuer: { CN: string }; key: string; valid_to: string }[];
    timings: { connect: number; handshake: number; firstByte: number; total: number };
    memory: { arena: number; peak: number; connected: number; connection: number; phases: Record<string, number> };
    body: { bytes: number; sha256: string; base64?: string; file?: string };
    error: { code: string; errno?: number; message: string; budget?: number };
}

const json = function (finished: Finished): Facts {
    return JSON.parse(finished.stdout.toString()) as Facts;
};

const expectFailure = function (finished: Finished, code: number, stderr: RegExp): void {
    assert.match(finished.stderr, stderr);
    assert.equal(finished.code, code, finished.stderr);
    assert.equal(finished.stdout.length, 0);
};

describe("cli", function () {
    this.timeout(30_000);
    let pki: Pki;
    let server: Server;
    let url = "";
    let trust: string[] = [];
    const folder = mkdtempSync(join(tmpdir(), "etls-cli-"));

    const get = (path: string, ...args: string[]): Promise<Finished> =>
        cli(["get", url + path, ...trust, ...args]);

    before(async () => {
        pki = await cachedPki();
        server = await nodeHttpsServer({ identity: pki.ec, handler: answer });
        url = `https://localhost:${server.port}`;
        trust = ["--ca", pki.ec.rootFile];
    });
    after(async () => {
        rmSync(folder, { recursive: true });
        await server.close();
    });

    describe("get", () => {
        it("prints the body and nothing else", async () => {
            const { code, stdout, stderr } = await get("/");
            assert.deepEqual([code, stdout.toString(), stderr], [0, "hello", ""]);
        });
        it("gives 5 MB unchanged to standard output and to a file", async () => {
            const file = join(folder, "body");
            const wanted = sha256(testBytes(SIZE));
            const { code, stdout } = await get(`/bytes/${SIZE}`);
            assert.deepEqual([code, stdout.length, sha256(stdout)], [0, SIZE, wanted]);
            const written = await get(`/chunked/${SIZE}`, "-o", file, "--json");
            const { body } = json(written);
            assert.deepEqual([written.code, sha256(readFileSync(file))], [0, wanted]);
            assert.deepEqual(body, { bytes: SIZE, sha256: wanted, file });
        });
        it("sends a body, header fields and method", async () => {
            const file = join(folder, "upload");
            writeFileSync(file, testBytes(300_000));
            const uploaded = await get("/sha256", "-d", `@${file}`);
            assert.equal(uploaded.stdout.toString(), sha256(testBytes(300_000)));
            const fields = ["X-One: ü", "x-one:2", "Accept: a/b"].flatMap((field) => ["-H", field]);
            const { stdout } = await get("/request", "-X", "PUT", "-d", "é", ...fields);
            const [method, headers] = JSON.parse(stdout.toString()) as [string, Facts["headers"]];
            assert.equal(method, "PUT");
            assert.equal(headers["x-one"], `${Buffer.from("ü").toString("latin1")}, 2`);
            assert.equal(headers["content-length"], "2");
            assert.equal(headers["accept"], "a/b");
            assert.match(String(headers["user-agent"]), /^espruino-tls\/\d/);
        });
        it("-v shows chain, protocol, cipher, response, timings and heap", async () => {
            const { stdout, stderr } = await get("/request", "-v", "--tls", "1.2");
            assert.match(stdout.toString(), /^\["GET"/);
            assert.match(stderr, /^\* TLSv1\.2, TLS_ECDHE_ECDSA_WITH_\w+, /m);
            assert.match(stderr, /^\* verified: .*localhost/m);
            assert.match(stderr, /0 CN=server\n.*issued by CN=Test EC authority\n.*EC P-256\n/);
            assert.match(stderr, /valid \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, key EC P-256\n/);
            assert.match(stderr, /2 CN=Test EC root\n.*issued by CN=Test EC root\n.*EC P-384\n/);
            assert.match(stderr, /^< HTTP\/1\.1 200 OK\n(< .*\n)*< set-cookie: b=2\n/m);
            assert.match(stderr, /connect [\d.]+ m?s, handshake [\d.]+ m?s, first byte .*, total /);
            assert.match(stderr, /^\* heap: arena 524,288, peak \d+,\d+, while connected \d+,\d+/m);
            const phases = /^\* heap by phase: setup [\d,]+, hello [\d,]+, certificate ([\d,]+), key exchange [\d,]+, data [\d,]+$/m;
            const peak = /peak ([\d,]+\d)/.exec(stderr)?.[1];
            assert.equal(phases.exec(stderr)?.[1], peak, "the chain is what takes most");
        });
        it("--json gives everything to programs", async () => {
            const finished = await get("/request", "--json", "--include-body", "--tls", "1.3");
            assert.equal(finished.stderr, "");
            const facts = json(finished);
            const { status, headers, protocol, cipher, chain, authorized } = facts;
            assert.deepEqual([status, protocol, authorized], [200, "TLSv1.3", true]);
            assert.deepEqual(headers["set-cookie"], ["a=1", "b=2"]);
            assert.match(cipher.name, /^TLS_/);
            assert.deepEqual(
                chain.map((one) => [one.subject.CN, one.key]),
                [
                    ["server", "EC P-256"],
                    ["Test EC authority", "EC P-384"],
                    ["Test EC root", "EC P-384"],
                ],
            );
            const { connect, firstByte, total } = facts.timings;
            assert.ok(connect > 0 && firstByte > connect && total >= firstByte);
            const { arena, peak, connected, connection, phases } = facts.memory;
            assert.deepEqual(Object.keys(phases), ["setup", "hello", "certificate", "keyExchange", "data"]);
            assert.equal(Math.max(...Object.values(phases)), peak);
            assert.ok(arena > peak && peak > connected && connected > connection && connection > 0);
            const body = Buffer.from(facts.body.base64 ?? "", "base64");
            assert.deepEqual([body.length, sha256(body)], [facts.body.bytes, facts.body.sha256]);
        });
        it("does not disturb a reader that has enough", async () => {
            const command = `("${process.execPath}" "${MAIN}" get ${url}/bytes/${SIZE} ` +
                `--ca "${pki.ec.rootFile}"; echo code $? >&2) | head -c 10`;
            const { stdout, stderr } = await run("sh", ["-c", command]);
            assert.deepEqual(stdout, testBytes(10));
            assert.equal(stderr, "code 0\n");
        });
        it("tells of redirects, with nothing in it that a terminal obeys", async () => {
            const { code, stderr } = await get("/moved");
            assert.deepEqual(
                [code, stderr],
                [0, "espruino-tls: status 302; redirects are not followed: /else\\x9b\n"],
            );
        });
        it("--insecure goes on and says so", async () => {
            const { code, stdout, stderr } = await cli(["get", `${url}/`, "--insecure"]);
            assert.deepEqual([code, stdout.toString()], [0, "hello"]);
            assert.match(stderr, /warning: the server was not verified: ETLS_CERT_UNKNOWN/);
        });
        it("shows a client certificate", async () => {
            const { rootFile } = pki.ec;
            const strict = await nodeHttpsServer({ identity: pki.ec, clientRootFile: rootFile });
            const { chainFile, keyFile } = pki.clients.ec;
            const args = ["get", `https://localhost:${strict.port}/`, ...trust];
            const good = await cli([...args, "--cert", chainFile, "--key", keyFile]);
            const wrongKey = ["--key", pki.clients.rsa.keyFile];
            const swapped = await cli([...args, "--cert", chainFile, ...wrongKey]);
            const none = await cli(args);
            await strict.close();
            assert.deepEqual([good.code, good.stdout.toString()], [0, "hello"]);
            expectFailure(swapped, 2, /ETLS_KEY_MISMATCH/);
            expectFailure(none, 5, /ETLS_ALERT_CERTIFICATE_REQUIRED: .*options cert and key/);
        });
    });

    describe("exit codes", () => {
        it("0 for HTTP status 404, with --fail 1", async () => {
            const plain = await get("/404");
            assert.deepEqual([plain.code, plain.stdout.toString()], [0, "nothing here\n"]);
            const failed = await get("/404", "--fail");
            assert.deepEqual([failed.code, failed.stdout.toString()], [1, "nothing here\n"]);
            assert.equal(failed.stderr, "espruino-tls: HTTP status 404 Not Found\n");
        });
        it("2 for a file that cannot be written", async () => {
            expectFailure(await get("/", "-o", "/no/such/folder/x"), 2, /cannot write .*ENOENT/);
            const full = await get(`/bytes/${SIZE}`, "-o", "/dev/full");
            expectFailure(full, 2, /cannot write .*ENOSPC/);
        });
        it("3 when it cannot connect", async () => {
            const port = await freePort();
            const finished = await cli(["get", `https://127.0.0.1:${port}/`]);
            expectFailure(finished, 3, /ETLS_CONNECT_FAILED: .*ECONNREFUSED/);
        });
        const refused: [name: BadName, code: string][] = [
            ["expired", "ETLS_CERT_EXPIRED"],
            ["wrongHost", "ETLS_CERT_NAME_MISMATCH"],
            ["selfSigned", "ETLS_CERT_SELF_SIGNED"],
            ["missingIntermediate", "ETLS_CERT_MISSING_INTERMEDIATE"],
        ];
        for (const [name, code] of refused) {
            it(`4 for a certificate that is not accepted: ${name}`, async () => {
                const bad = pki.bad[name];
                const other = await nodeHttpsServer({ identity: bad });
                const args = ["get", `https://localhost:${other.port}/`, "--ca", bad.rootFile];
                const finished = await cli([...args, "--json"]);
                await other.close();
                const { error } = json(finished);
                assert.deepEqual([finished.code, error.code], [4, code]);
                assert.ok((error.errno ?? 0) < 0);
                assert.ok(finished.stderr.startsWith(`espruino-tls: ${code}: ${error.message}`));
            });
        }
        it("4 when the default roots do not know the issuer", async () => {
            expectFailure(await cli(["get", `${url}/`]), 4, /ETLS_CERT_UNKNOWN_ISSUER/);
        });
        it("5 for a broken-off body, keeping what came", async () => {
            const { code, stdout, stderr } = await get("/cut");
            assert.deepEqual([code, stdout.toString()], [5, "half"]);
            assert.match(stderr, /^espruino-tls: (ETLS_|ECONNRESET)/);
        });
        it("5 for a server without TLS, and for one without the version", async () => {
            const plain = createServer((_, response) => response.end("plain"));
            await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
            const { port } = plain.address() as AddressInfo;
            const finished = await cli(["get", `https://127.0.0.1:${port}/`, ...trust]);
            plain.close();
            expectFailure(finished, 5, /ETLS_NOT_TLS: .*HTTP\/1\.1 400.*check the port/);
            const old = await nodeHttpsServer({ identity: pki.ec, version: "1.2" });
            const args = ["get", `https://localhost:${old.port}/`, ...trust, "--tls", "1.3"];
            const refusedVersion = await cli(args);
            await old.close();
            expectFailure(refusedVersion, 5, /ETLS_(ALERT_)?PROTOCOL_VERSION/);
        });
        it("6 for a server that stays silent", async () => {
            expectFailure(await get("/silent", "--timeout", "0.5"), 6, /ETLS_TIMEOUT/);
        });
        it("7 when the budget is too small, naming one that would do", async () => {
            const small = ["--budget", "11k", "--json"];
            const finished = await get(`/bytes/${SIZE}`, ...small);
            const { code, message, budget = 0 } = json(finished).error;
            assert.deepEqual([finished.code, code], [7, "ETLS_OUT_OF_MEMORY"]);
            assert.match(message, /\d+ bytes needed, /);
            assert.ok(message.endsWith(`; --budget ${budget} would do`), message);
            const enough = await get(`/bytes/${SIZE}`, "--budget", String(budget));
            assert.equal(sha256(enough.stdout), sha256(testBytes(SIZE)), enough.stderr);
            const roots = await cli(["get", `${url}/`, "--budget", "10k", "--insecure"]);
            expectFailure(roots, 7, /--budget \d+ would do/);
            const hopeless = await cli(["get", `${url}/`, "--budget", "10k"]);
            expectFailure(hopeless, 7, /give a larger --budget/);
        });
    });
});
