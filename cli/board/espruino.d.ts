// SPDX-License-Identifier: Apache-2.0
/** The parts of the espruino package that are used here; it leaves them in a global variable. */
declare module "espruino" {
    const espruino: { init(callback: () => void): void };
    export default espruino;
}
