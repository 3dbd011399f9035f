// SPDX-License-Identifier: Apache-2.0
/** The package as users get it: packed, installed into an empty folder, and used from there. */
import assert from "node:assert/strict";
import {
    existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { nodeHttpsServer } from "./support/node-servers.ts";
import { cachedPki, projectFolder } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import type { Server } from "./support/servers.ts";
import { installTarball, node, npm, packProject } from "./support/tarball.ts";
import type { Tarball } from "./support/tarball.ts";

const { version } = JSON.parse(readFileSync(join(projectFolder(), "package.json"), "utf8")) as {
    version: string;
};

/** A program of a user who writes TypeScript, with all strictness. */
const PROGRAM = `
import { open } from "espruino-tls";
import type { EspruinoTls, OpenOptions } from "espruino-tls";
import { connect, createSecureContext } from "espruino-tls/tls";
import type { ConnectOptions, TLSSocket } from "espruino-tls/tls";
import { get } from "espruino-tls/https";
import { assess, testIid } from "espruino-tls/entropy";
import type { Assessment } from "espruino-tls/entropy";

const options: OpenOptions = { arena: 65536, random: (out: Uint8Array) => out.length > 0 };
const core: EspruinoTls = await open(options);
const to: ConnectOptions = { host: "localhost", port: 443, ca: [new Uint8Array(1), () => "file"] };
const socket: TLSSocket = core.tls.connect(to, (secured) => {
    const written: boolean = secured.write("hello") && secured.write(new Uint8Array(5));
    const issuer: string | undefined = secured.getPeerCertificate()?.issuer["CN"];
    secured.end(String(written) + issuer);
});
socket.on("data", (data: string) => data.charCodeAt(0));
socket.on("error", (error) => error.code.startsWith("ETLS_"));
socket.on("close", (hadError: boolean) => hadError);
get("https://localhost/", (response) => response.on("end", () => response.statusCode.toFixed()));
core.https.createServer({ cert: "", key: "" }, (request, response) => response.end(request.url));
connect("tls://localhost:1", (s) => s.destroy()).on("close", () => createSecureContext().free());
const assessment: Assessment = await assess(new Uint8Array(10000), { bits: 1, onProgress: (s) => s.toFixed() });
assessment.bitstring ?? (await testIid(new Uint8Array(10000), { seed: 1n })).longestRepeat.p;
const peak: number = core.memory().peak;
// @ts-expect-error: there is no such option
core.tls.connect({ prot: 443 });
// @ts-expect-error: data is a string
socket.on("data", (data: number) => data);
core.close();
export { peak };
`;

describe("package", function () {
    this.timeout(60_000);
    let pki: Pki;
    let folder: string;
    let tarball: Tarball;
    let user: string;
    let server: Server;

    before(async () => {
        folder = realpathSync(mkdtempSync(join(tmpdir(), "etls-package-")));
        [pki, tarball] = await Promise.all([cachedPki(), packProject(folder)]);
        user = await installTarball(folder, tarball);
        server = await nodeHttpsServer({ identity: pki.ec });
    });

    after(async () => {
        await server?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    const installed = (...names: string[]): string =>
        join(user, "node_modules", "espruino-tls", ...names);

    const write = (name: string, text: string): string => {
        writeFileSync(join(user, name), text);
        return name;
    };

    /** A program that fetches a page with what is called `https` in it, and prints it. */
    const fetching = (load: string): string => `
        ${load}
        const ca = require("node:fs").readFileSync(${JSON.stringify(pki.ec.rootFile)});
        https.get({ host: "localhost", port: ${server.port}, ca, agent: false }, (response) => {
            response.on("data", (data) => process.stdout.write(data));
        });`;

    it("holds what is needed and nothing else", () => {
        const top = new Set(tarball.names.map((name) => name.split("/").slice(0, 2).join("/")));
        assert.deepEqual([...top].sort(), [
            "CHANGELOG.md", "LICENSE", "README.md", "dist/cli", "dist/device", "dist/images",
            "dist/modules", "dist/native", "dist/wasm", "package.json",
        ]);
        for (const name of tarball.names) {
            assert.doesNotMatch(name, /test|demo|\.map$|tsbuildinfo|etls-core\.wasm/, name);
            if (!name.startsWith("dist/")) continue;
            assert.match(name, /\.(js|d\.ts|wasm)$|^dist\/images\/(etls-rp\w+|capture-\w+)-\w+\.bin$|^dist\/device\/(package\.json|tls-text)$/, name);
        }
        for (const name of ["dist/wasm/etls.wasm", "dist/wasm/etls-binary.js", "dist/device/tls.js",
            "dist/wasm/etls-binary.d.ts", "dist/wasm/etls-core.d.ts", "dist/wasm/entropy.wasm",
            "dist/wasm/entropy-binary.js", "dist/wasm/entropy-binary.d.ts", "dist/native/image/image.js",
            "dist/images/etls-rp2040-full.bin", "dist/images/etls-rp2350-small.bin",
            "dist/images/capture-rp2040-rosc.bin", "dist/images/capture-stm32f4-jitter.bin"]) {
            assert.ok(tarball.names.includes(name), name);
        }
        assert.ok(tarball.size < 1_200_000, `${tarball.size} bytes packed`);
    });

    it("tells nothing of the machine that it was built on", () => {
        const root = projectFolder();
        for (const name of readdirSync(installed(), { recursive: true, encoding: "utf8" })) {
            if (!statSync(installed(name)).isFile()) continue;
            const text = readFileSync(installed(name), "latin1");
            assert.ok(!text.includes(root), `${name} names ${root}`);
            assert.doesNotMatch(text, /sourceMappingURL|\/(home|root|Users)\/\w/, name);
        }
        const wasm = readFileSync(installed("dist/wasm/etls.wasm"));
        assert.ok(WebAssembly.validate(wasm));
    });

    it("is what publint wants", async () => {
        const bytes = readFileSync(tarball.file);
        const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
        const { messages, pkg } = await publint({ pack: { tarball: data as ArrayBuffer }, strict: true });
        assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
    });

    it("every file that package.json names is there", () => {
        const described = JSON.parse(readFileSync(installed("package.json"), "utf8")) as object;
        const names = [...JSON.stringify(described).matchAll(/"\.?\/?(dist\/[^"!]+\.\w+)"/g)];
        assert.ok(names.length >= 10);
        for (const [, name] of names) assert.ok(existsSync(installed(name!)), name);
    });

    it("can be imported", async () => {
        const load = `import { createRequire } from "node:module";
            import { open } from "espruino-tls";
            const require = createRequire(import.meta.url);
            const { https, close } = await open({ arena: 65536 });
            process.on("exit", close);`;
        const { code, stdout, stderr } = await node(user, [write("esm.mjs", fetching(load))]);
        assert.deepEqual([code, stdout.toString(), stderr], [0, "hello", ""]);
    });

    it("can be required, and its default instance used", async () => {
        const load = `const https = require("espruino-tls/https");
            require.resolve("espruino-tls/wasm");
            if (require("espruino-tls/tls").memory().peak !== 0) throw new Error("started early");`;
        const { code, stdout, stderr } = await node(user, [write("common.cjs", fetching(load))]);
        const said = stderr.replace(/^.*(ExperimentalWarning|Use `node --trace-warnings).*\n/gm, "");
        assert.deepEqual([code, stdout.toString(), said], [0, "hello", ""]);
    });

    it("hides everything else", async () => {
        const load = `for (const name of ["dist/wasm/node.js", "modules/tls", "dist/modules/tls.js"]) {
            try { require("espruino-tls/" + name); console.log(name); }
            catch (error) { if (error.code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error; }
        }`;
        const { code, stdout } = await node(user, [write("hidden.cjs", load)]);
        assert.deepEqual([code, stdout.toString()], [0, ""]);
    });

    it("has a command", async () => {
        const run = (...args: string[]): Promise<string> =>
            npm(user, ["--no-install", "espruino-tls", ...args], "npx");
        assert.equal((await run("--version")).trim(), version);
        const url = `https://localhost:${server.port}/`;
        assert.equal(await run("get", url, "--ca", pki.ec.rootFile), "hello");
    });

    for (const [resolution, module] of [["nodenext", "nodenext"], ["bundler", "esnext"]]) {
        it(`has types for moduleResolution ${resolution}`, async () => {
            const tsc = join(projectFolder(), "node_modules", "typescript", "bin", "tsc");
            const compilerOptions = {
                module, moduleResolution: resolution, target: "es2022", lib: ["es2022", "dom"], types: [],
                strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true,
            };
            const files = [write("program.mts", PROGRAM)];
            const config = write("tsconfig.json", JSON.stringify({ compilerOptions, files }));
            const { code, stdout } = await node(user, [tsc, "-p", config]);
            assert.deepEqual([code, stdout.toString()], [0, ""]);
        });
    }

    it("gives the device's modules as text", () => {
        for (const name of ["tls", "https"]) {
            const text = readFileSync(installed("dist", "device", `${name}.js`), "utf8");
            assert.doesNotMatch(text, /^(import|export) /m);
            assert.match(text, /exports\./);
        }
    });
});
