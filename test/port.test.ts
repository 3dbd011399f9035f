// SPDX-License-Identifier: Apache-2.0
/** The way to a board leaves the process as it was: what the package below it does to all of Node's TLS. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "mocha";
import { nodeHttpsServer } from "./support/node-servers.ts";
import { cachedPki } from "./support/pki.ts";
import { run } from "./support/processes.ts";

const PORT = new URL("../cli/board/port.js", import.meta.url).href;

describe("the way to a board", function () {
    this.timeout(30_000);

    it("does not switch the verification of Node's own TLS off, as the espruino package by itself does", async () => {
        const pki = await cachedPki();
        const server = await nodeHttpsServer({ identity: pki.ec, handler: (_, response) => response.end("page") });
        const board = createServer((socket) => socket.on("error", () => undefined));
        await new Promise<void>((resolve) => board.listen(0, "127.0.0.1", resolve));
        const show = `require("node:https").get("https://localhost:${server.port}/", (response) => tell(response.statusCode))
            .on("error", (error) => tell(error.code));`;
        const tell = "const tell = (what) => { process.stdout.write(what + '\\n'); process.exit(); };";
        const { port } = board.address() as AddressInfo;
        const ours = `${tell} import(${JSON.stringify(PORT)}).then(({ openPort }) => openPort("tcp://127.0.0.1:${port}")).then(() => { ${show} });`;
        const alone = `${tell} globalThis.fs = require("node:fs"); require("espruino").init(() => { ${show} });`;
        const said = async (program: string): Promise<string> =>
            (await run(process.execPath, ["-e", program])).stdout.toString().trim().split("\n").at(-1) ?? "";
        try {
            assert.match(await said(ours), /^UNABLE_TO_/);
            assert.equal(await said(alone), "200", "what is to be put right is there no more");
        } finally {
            board.close();
            await server.close();
        }
    });
});
