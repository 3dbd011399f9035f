// SPDX-License-Identifier: Apache-2.0
/**
 * Other programs as test peers: whether they are there, starting them, running them to their end.
 * Nothing started here outlives the test process.
 *
 * @module
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The programs that the tests use as peers, and one that they run in. */
export type ToolName = "openssl" | "nginx" | "gnutls-serv" | "gnutls-cli" | "curl" | "qemu-system-arm" | "mosquitto" | "chronyd";

interface Tool {
    package: string;
    /** What prints the version. */
    flag: string;
    /** Reads `major.minor.patch` from that. */
    version: RegExp;
    minimum: readonly [number, number, number];
}

const TOOLS: Record<ToolName, Tool> = {
    openssl: {
        package: "openssl",
        flag: "version",
        version: /^OpenSSL (\d+)\.(\d+)\.(\d+)/m,
        minimum: [3, 0, 0],
    },
    nginx: {
        package: "nginx-light",
        flag: "-v",
        version: /nginx\/(\d+)\.(\d+)\.(\d+)/,
        minimum: [1, 18, 0],
    },
    "gnutls-serv": {
        package: "gnutls-bin",
        flag: "--version",
        version: /gnutls-serv (\d+)\.(\d+)\.(\d+)/,
        minimum: [3, 6, 0],
    },
    "gnutls-cli": {
        package: "gnutls-bin",
        flag: "--version",
        version: /gnutls-cli (\d+)\.(\d+)\.(\d+)/,
        minimum: [3, 6, 0],
    },
    mosquitto: {
        package: "mosquitto",
        flag: "-h",
        version: /^mosquitto version (\d+)\.(\d+)\.(\d+)/m,
        minimum: [2, 0, 0],
    },
    chronyd: {
        package: "chrony",
        flag: "--version",
        version: /version (\d+)\.(\d+)(?:\.(\d+))?/,
        minimum: [4, 0, 0],
    },
    curl: {
        package: "curl",
        flag: "--version",
        version: /^curl (\d+)\.(\d+)\.(\d+)/m,
        minimum: [7, 63, 0],
    },
    "qemu-system-arm": {
        package: "qemu-system-arm",
        flag: "--version",
        version: /^QEMU emulator version (\d+)\.(\d+)\.(\d+)/m,
        minimum: [7, 0, 0],
    },
};

const missing = new Map<ToolName, string | undefined>();

/**
 * Why a program cannot be used as a peer, as one sentence that names the package to install;
 * `undefined` when it can. Asks once per process.
 */
export function requireTool(name: ToolName): string | undefined {
    if (!missing.has(name)) {
        missing.set(name, findFault(name));
    }
    return missing.get(name);
}

/** Skips a running test (mocha's `this`) when it cannot have these programs, and prints why. */
export function skipWithout(test: { skip(): void }, ...names: ToolName[]): void {
    for (const reason of names.map(requireTool)) {
        if (reason) {
            console.log(`      ${reason}`);
            test.skip();
        }
    }
}

function findFault(name: ToolName): string | undefined {
    const tool = TOOLS[name];
    const { error, stdout, stderr } = spawnSync(name, [tool.flag], { encoding: "utf8" });
    if (error) {
        return `${name} is not installed (package ${tool.package}).`;
    }
    const numbers = tool.version.exec(stdout + stderr)?.slice(1).map(Number);
    if (!numbers) {
        return `${name} is there but does not tell a version that these tests know.`;
    }
    const difference = tool.minimum.map((least, i) => (numbers[i] ?? 0) - least).find(Boolean) ?? 0;
    return difference < 0
        ? `${name} ${numbers.join(".")} is too old, ${tool.minimum.join(".")} is needed.`
        : undefined;
}

/**
 * The environment for peers: that of this process, without what a machine's OpenSSL configuration
 * or a user's proxy settings would change.
 */
export const peerEnvironment: NodeJS.ProcessEnv = {
    ...process.env,
    OPENSSL_CONF: "/dev/null",
    LC_ALL: "C",
    no_proxy: "*",
};

const live = new Set<ChildProcess>();

function watch(child: ChildProcess): void {
    if (live.size === 0) {
        process.off("exit", killAll).on("exit", killAll);
        // A signal would skip the exit handlers. (A terminal's SIGINT reaches the children itself.)
        process.off("SIGTERM", leave).on("SIGTERM", leave);
        process.off("SIGHUP", leave).on("SIGHUP", leave);
    }
    live.add(child);
    child.once("exit", () => live.delete(child));
}

function killAll(): void {
    for (const child of live) {
        child.kill("SIGKILL");
    }
}

function leave(): void {
    process.exit(1);
}

/** What a program that has ended leaves behind. */
export interface Finished {
    /** The exit code; `null` when a signal ended it. */
    code: number | null;
    stdout: Buffer;
    stderr: string;
}

/** How {@link run} runs a program. */
export interface RunOptions {
    /** Written to standard input. */
    input?: string | Uint8Array | undefined;
    /** Keeps standard input open until the program ends; otherwise it ends after `input`. */
    keepInput?: boolean | undefined;
    /** Ends standard input as soon as this says so of the output, and then the program. */
    until?: ((stdout: Buffer) => boolean) | undefined;
    /** Milliseconds between the two; 0 unless told. */
    grace?: number | undefined;
    cwd?: string | undefined;
    env?: NodeJS.ProcessEnv | undefined;
    /** Milliseconds after which the program is killed; 15,000 unless told. */
    timeout?: number | undefined;
}

/** Runs a program to its end. Rejects only when it cannot be started. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Finished> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
            cwd: options.cwd,
            env: options.env ?? peerEnvironment,
            timeout: options.timeout ?? 15_000,
            killSignal: "SIGKILL",
        });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        watch(child);
        child.stdout.on("data", (chunk: Buffer) => {
            out.push(chunk);
            if (options.until?.(Buffer.concat(out))) {
                child.stdin.end();
                setTimeout(() => child.kill("SIGTERM"), options.grace ?? 0);
            }
        });
        child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
        child.stdin.on("error", () => undefined); // It may end before it has read everything.
        child.stdin.write(options.input ?? "");
        if (!options.keepInput) {
            child.stdin.end();
        }
        child.once("error", reject);
        child.once("close", (code) =>
            resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
        );
    });
}

/** A program that runs on. */
export interface Running {
    /** What the `ready` expression matched. */
    ready: RegExpExecArray;
    /** Everything it has printed so far, both streams. */
    output(): string;
    /** Writes to its standard input. */
    send(text: string): void;
    /** Ends it; resolves when it is gone. */
    close(): Promise<void>;
}

/**
 * Starts a program and waits until its output matches `ready`.
 *
 * @throws Error with all that it printed, when it ends before that or is not ready in ten seconds.
 */
export async function start(
    command: string,
    args: string[],
    ready: RegExp,
    cwd?: string,
): Promise<Running> {
    const child = spawn(command, args, { cwd, env: peerEnvironment });
    watch(child);
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const chunks: Buffer[] = [];
    const output = (): string => Buffer.concat(chunks).toString();
    const close = async (): Promise<void> => {
        child.kill("SIGTERM");
        const impatience = setTimeout(() => child.kill("SIGKILL"), 1000);
        await gone;
        clearTimeout(impatience);
    };
    child.stdin.on("error", () => undefined);
    try {
        const match = await new Promise<RegExpExecArray>((resolve, reject) => {
            const fail = (reason: string): void => {
                clearTimeout(timer);
                reject(new Error(`${command} ${args.join(" ")}: ${reason}\n${output()}`));
            };
            const timer = setTimeout(() => fail("not ready after ten seconds"), 10_000);
            let waiting = true;
            const read = (chunk: Buffer): void => {
                chunks.push(chunk);
                const found = waiting ? ready.exec(output()) : null;
                if (found) {
                    waiting = false;
                    clearTimeout(timer);
                    resolve(found);
                }
            };
            child.stdout.on("data", read);
            child.stderr.on("data", read);
            child.once("error", (error) => fail(error.message));
            child.once("close", (code) => fail(`ended with code ${code}`));
        });
        return { ready: match, output, send: (text) => void child.stdin.write(text), close };
    } catch (error) {
        child.kill("SIGKILL");
        throw error;
    }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
        });
    });
}

/**
 * Starts a program that must be given its port number: tries again with another port when
 * somebody else has taken it meanwhile.
 */
export async function startOnFreePort(
    begin: (port: number) => Promise<Running>,
): Promise<Running & { port: number }> {
    for (let attempt = 1; ; attempt++) {
        const port = await freePort();
        try {
            return { ...(await begin(port)), port };
        } catch (error) {
            if (attempt === 5 || !/address already in use|bind\(\)/i.test(String(error))) {
                throw error;
            }
            await sleep(10 * attempt);
        }
    }
}
