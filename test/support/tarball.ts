// SPDX-License-Identifier: Apache-2.0
/**
 * The package as npm packs it, installed into an empty folder without a network.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectFolder } from "./pki.ts";
import { peerEnvironment, run } from "./processes.ts";
import type { Finished, RunOptions } from "./processes.ts";

/** What `npm pack` has made. */
export interface Tarball {
    file: string;
    /** The paths in it. */
    names: string[];
    /** Bytes, packed. */
    size: number;
}

/** Without what an `npm test` around this one has set. */
const environment = Object.fromEntries(
    Object.entries({ ...peerEnvironment, npm_config_update_notifier: "false" }).filter(
        ([name]) => !/^npm_(?!config_update)/i.test(name),
    ),
);

/** Runs npm or npx, which must succeed; returns what it printed. */
export async function npm(folder: string, args: string[], program = "npm"): Promise<string> {
    const options = { cwd: folder, env: environment, timeout: 60_000 };
    const { code, stdout, stderr } = await run(program, args, options);
    assert.equal(code, 0, `${program} ${args.join(" ")}: ${stderr}${stdout}`);
    return stdout.toString();
}

/** Runs Node in a folder. */
export function node(folder: string, args: string[], options: RunOptions = {}): Promise<Finished> {
    return run(process.execPath, args, { cwd: folder, env: environment, ...options });
}

interface Packed {
    filename: string;
    size: number;
    files: { path: string }[];
}

async function pack(folder: string, sources: string[]): Promise<(Tarball & { of: string })[]> {
    const args = ["pack", "--json", "--ignore-scripts", "--loglevel=error"];
    const out = await npm(projectFolder(), [...args, "--pack-destination", folder, ...sources]);
    return (JSON.parse(out) as Packed[]).map(({ filename, size, files }, index) => ({
        of: sources[index] ?? ".",
        file: join(folder, basename(filename)),
        names: files.map(({ path }) => path),
        size,
    }));
}

/** What package-lock.json says of a package: who needs it. */
interface Locked {
    dev?: boolean;
    optional?: boolean;
    devOptional?: boolean;
    peer?: boolean;
}

/** Packs the project. */
export async function packProject(folder: string): Promise<Tarball> {
    const [tarball] = await pack(folder, []);
    assert.ok(tarball);
    return tarball;
}

/**
 * Installs a tarball into `folder`/user. Everything that it depends on is packed anew from the
 * project's node_modules, so that nothing is asked of a registry or expected of npm's cache; what is
 * optional is left out.
 */
export async function installTarball(folder: string, tarball: Tarball): Promise<string> {
    const lock = readFileSync(join(projectFolder(), "package-lock.json"), "utf8");
    const { packages } = JSON.parse(lock) as { packages: Record<string, Locked> };
    const needed = Object.entries(packages).filter(
        ([path, { dev, optional, devOptional, peer }]) => path !== "" && !(dev || optional || devOptional || peer),
    );
    const packed = await pack(folder, needed.map(([path]) => `./${path}`));
    const overrides = Object.fromEntries(
        packed.map(({ of, file }) => [of.replace(/^.*node_modules\//, ""), `file:${file}`]),
    );
    const user = join(folder, "user");
    mkdirSync(user);
    const dependencies = { "espruino-tls": `file:${tarball.file}` };
    writeFileSync(join(user, "package.json"), JSON.stringify({ private: true, dependencies, overrides }));
    await npm(user, ["install", "--offline", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    return user;
}
