// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls ca bundle`: writes a trust bundle.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { reasonOf } from "../modules/errors.ts";
import { allRoots, commonRoots } from "../wasm/roots.ts";
import { makeBundle, nameHash, readBundle } from "../wasm/trust_bundle.ts";
import { readCertificate } from "../wasm/der.ts";
import { day, toCertificate } from "./certificate.ts";
import type { Certificate } from "./certificate.ts";
import { readChain } from "./chain_file.ts";
import { analyse } from "./chain.ts";
import { usageError } from "./command.ts";
import type { Arguments, Command } from "./command.ts";
import { EXIT, EXIT_HELP } from "./exit.ts";
import { probe } from "./probe.ts";
import { bytes } from "./terminal.ts";

const PATIENCE = 15_000;

/** The root of one host. */
const rootOf = async function (where: string, store: Certificate[]): Promise<Certificate> {
    const [, host = "", port] = /^(.+?)(?::(\d+))?$/.exec(where) ?? [];
    const { certificates } = await probe({ host, port: Number(port ?? 443), servername: host, timeout: PATIENCE });
    const sent = certificates.map((der) => toCertificate(der));
    const { anchor, problem } = analyse(sent, [], store, Date.now(), false);
    if (!anchor) throw usageError(`${where}: ${problem}`);
    return anchor.certificate;
};

const choose = async function (given: Arguments): Promise<Certificate[]> {
    const own = given.list("store").flatMap(readChain);
    const all = own.length > 0 ? own : allRoots().map(({ der }) => toCertificate(der));
    const hosts = given.list("hosts").flatMap((list) => list.split(",")).map((one) => one.trim()).filter(Boolean);
    const found: Certificate[] = given.list("add").flatMap(readChain);
    if (given.has("all")) found.push(...all);
    if (given.has("common")) found.push(...commonRoots().map(({ der }) => toCertificate(der)));
    for (const host of hosts) found.push(await rootOf(host, all));
    if (found.length === 0) throw usageError("nothing to put in: give --common, --all, --hosts or --add");
    return found;
};

const bundle = async function (given: Arguments): Promise<number> {
    const [extra] = given.positionals;
    const file = given.text("output");
    if (extra !== undefined) throw usageError(`what is ${JSON.stringify(extra)}?`);
    if (file === undefined) throw usageError("no file to write: give -o FILE");
    const chosen = await choose(given);
    const data = makeBundle(chosen.map(({ der }) => der));
    const anchors = readBundle(data);
    const names = new Map(chosen.map(({ name, der }) => [nameHash(readCertificate(der)?.subject ?? Buffer.alloc(0)), name]));
    try {
        writeFileSync(file, data);
    } catch (error) {
        throw usageError(`cannot write ${file}: ${reasonOf(error)}`);
    }
    const list = anchors.map(({ name, until }) => ({ name: names.get(name) ?? name, until: day(until) }));
    list.sort((a, b) => a.name.localeCompare(b.name));
    if (given.has("json")) {
        process.stdout.write(`${JSON.stringify({ file, bytes: data.length, anchors: list }, null, 2)}\n`);
        return EXIT.ok;
    }
    for (const { name, until } of list) process.stdout.write(`  ${until}  ${name}\n`);
    process.stdout.write(`${file}: ${list.length} ${list.length === 1 ? "root" : "roots"}, ${bytes(data.length)}\n`);
    return EXIT.ok;
};

/** The command. */
export const CA_BUNDLE: Command = {
    name: "ca bundle",
    summary: "Writes a trust bundle: roots for a board, in little flash",
    usage: "[options] -o FILE",
    options: {
        common: { help: "The roots of 99 % of public servers, in 14 KB: what is trusted by default" },
        all: { help: "All public roots, in 54 KB" },
        hosts: { value: "LIST", repeat: true, help: "The roots of these hosts: a.example,b.example:8883" },
        add: { value: "FILE", repeat: true, help: "These CA certificates too" },
        output: { short: "o", value: "FILE", help: "Where to" },
        store: { value: "FILE", repeat: true, help: "The public roots, in place of those of Node" },
        json: { help: "Print one JSON object with what is in it" },
    },
    notes: [
        "The roots are those of this Node's own store, Mozilla's list. The file is given as option ca,\n" +
            "by its name, or uploaded to a board's Storage. docs/TRUST-STORE.md describes it.",
        EXIT_HELP,
    ],
    examples: [
        ["espruino-tls ca bundle --common -o roots.bin", "For a board that talks to anybody"],
        ["espruino-tls ca bundle --hosts api.example.org,mqtt.example.org:8883 --add own.pem -o roots.bin", "For a board that talks to three"],
    ],
    run: bundle,
};
