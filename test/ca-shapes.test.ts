// SPDX-License-Identifier: Apache-2.0
/**
 * Chains of the shapes that public servers send: verified or refused as OpenSSL does, and
 * `espruino-tls ca fetch` picks the right anchor from a real server.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import tls from "node:tls";
import { after, before, describe, it } from "mocha";
import { judge } from "../wasm/judge.ts";
import { makeBundle } from "../wasm/trust_bundle.ts";
import { keyPem } from "./support/der-pki.ts";
import { chainShapes } from "./support/chain-shapes.ts";
import type { ChainShape } from "./support/chain-shapes.ts";
import { run } from "./support/processes.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));

interface Report {
    sent: { name: string }[];
    anchor?: { name: string; kind: string; origin: string; base64: string; path: string[] };
    problem?: string;
    warnings: string[];
    trial?: { good: boolean; error?: { code: string } };
}

describe("chains as public servers send them", function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "etls-shapes-"));
    let shapes: ChainShape[] = [];
    /** Serves the intermediate that a server forgot, as authorities do. */
    const issuers = createHttpServer((request, response) => {
        const [, intermediate] = shapes.find(({ title }) => title === "DigiCert")?.sent ?? [];
        response.statusCode = request.url === "/ca1.crt" ? 200 : 404;
        response.end(request.url === "/ca1.crt" ? intermediate?.der : "");
    });

    before(async () => {
        await new Promise<void>((resolve) => issuers.listen(0, "127.0.0.1", resolve));
        const { port } = issuers.address() as { port: number };
        shapes = chainShapes(`http://127.0.0.1:${port}/ca1.crt`);
    });
    after(() => {
        issuers.close();
        rmSync(folder, { recursive: true });
    });

    const pemFile = (name: string, pems: { pem: string }[]): string => {
        const file = join(folder, name);
        writeFileSync(file, pems.map(({ pem }) => pem).join(""));
        return file;
    };

    it("are verified or refused as they should be, by certificates and by a bundle alike", async () => {
        for (const { title, host, sent, store, refused } of shapes) {
            const chain = sent.map(({ der }) => der);
            for (const ca of [store.map(({ der }) => der), makeBundle(store.map(({ der }) => der))]) {
                const { error } = await judge({ chain, host, ca });
                assert.equal(error?.code, refused, `${title}: ${error?.message}`);
            }
        }
    });

    it("OpenSSL says the same, but for one that browsers accept", async () => {
        for (const [index, { title, host, leaf, sent, store, refused, opensslRefuses }] of shapes.entries()) {
            const rest = pemFile(`${index}.rest`, sent.slice(1));
            const { code, stderr } = await run("openssl", [
                ...["verify", "-purpose", "sslserver", "-verify_hostname", host, "-no-CApath", "-no-CAstore"],
                ...["-CAfile", pemFile(`${index}.store`, store)],
                ...(sent.length > 1 ? ["-untrusted", rest] : []),
                pemFile(`${index}.leaf`, [leaf]),
            ]);
            assert.equal(code === 0, refused === undefined && !opensslRefuses, `${title}: ${stderr}`);
        }
    });

    /** The CLI's report on what a server sends. */
    const fetchCa = async (shape: ChainShape, more: string[] = []): Promise<[report: Report, code: number | null]> => {
        const cert = shape.sent.map(({ pem }) => pem).join("");
        const server = tls.createServer({ cert, key: keyPem(shape.leaf) });
        server.on("tlsClientError", () => undefined);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as { port: number };
        const store = pemFile("store", shape.store);
        const args = ["ca", "fetch", `127.0.0.1:${port}`, "--servername", shape.host, "--store", store, "--json", ...more];
        const { code, stdout, stderr } = await run(process.execPath, [MAIN, ...args]);
        await new Promise((resolve) => server.close(resolve));
        assert.equal(stderr, "");
        return [JSON.parse(stdout.toString()) as Report, code];
    };

    it("ca fetch shows what is sent, picks the anchor, and what it picks verifies", async () => {
        for (const shape of shapes) {
            const { title, host, sent, anchor, warns } = shape;
            const [report, code] = await fetchCa(shape);
            assert.equal(report.sent.length, sent.length, title);
            assert.equal(report.anchor?.name, anchor, `${title}: ${JSON.stringify(report.warnings)}`);
            assert.equal(code, anchor === undefined ? 4 : 0, title);
            assert.equal(report.problem !== undefined, anchor === undefined, title);
            assert.match(report.warnings.join("\n"), warns ?? /(?:)/, title);
            if (!report.anchor) continue;
            const ca = Buffer.from(report.anchor.base64, "base64");
            const { error } = await judge({ chain: sent.map(({ der }) => der), host, ca });
            const still = /^ETLS_CERT_(EXPIRED|NAME_MISMATCH)$/.test(shape.refused ?? "") ? shape.refused : undefined;
            assert.equal(error?.code, still, `${title}: loaded as ca, it does`);
            assert.deepEqual([report.trial?.good, report.trial?.error?.code], [still === undefined, still], `${title}: and says so`);
        }
    });

    it("ca fetch never picks the leaf unless asked", async () => {
        const shape = shapes.find(({ title }) => title.startsWith("a server that signed"))!;
        const [none] = await fetchCa(shape);
        assert.match(none.problem ?? "", /self-signed.*--leaf/);
        const [asked, code] = await fetchCa(shape, ["--leaf"]);
        assert.deepEqual([asked.anchor?.kind, code], ["leaf", 0]);
        const { error } = await judge({ chain: [shape.leaf.der], host: shape.host, ca: Buffer.from(asked.anchor!.base64, "base64") });
        assert.equal(error, undefined, error?.message);
    });

    it("ca fetch fetches no issuer when told so", async () => {
        const shape = shapes.find(({ title }) => title.includes("with the address"))!;
        const [report] = await fetchCa(shape, ["--offline"]);
        assert.equal(report.anchor, undefined);
        assert.match(report.problem ?? "", /its issuer .* is missing/);
    });
});
