// SPDX-License-Identifier: Apache-2.0
/**
 * An installation as one file for a board's drive: the image where it is linked for, between firmware
 * and Storage, and all of Storage.
 *
 * @module
 */
import { makeError } from "../../modules/errors.ts";
import { readImage } from "../../native/image/image.ts";
import type { Chip } from "./chips.ts";
import { imageFor, moduleFiles, settingFiles } from "./files.ts";
import type { Plan } from "./files.ts";
import { storageImage } from "./storage_image.ts";
import { makeUf2 } from "./uf2.ts";
import type { Segment } from "./uf2.ts";

/**
 * A UF2 file that installs a plan.
 *
 * All of Storage is in it, since Espruino takes what is left in later sectors for files.
 *
 * @param firmware - of the same chip, to be in it too; empty for none
 * @throws TlsError `ETLS_BOARD` when they overlap, or Storage is too small
 */
export const driveFile = function (chip: Chip, plan: Plan, firmware: readonly Segment[]): Uint8Array {
    const image = imageFor(chip, plan.profile);
    const { address, size } = readImage(image);
    const ours = [
        { address, data: image },
        { address: chip.storage.address, data: storageImage([...settingFiles(plan), ...moduleFiles()], chip.storage.size) },
    ];
    const overlap = firmware.find((one) => one.address + one.data.length > address && one.address < address + size);
    if (overlap) {
        throw makeError("ETLS_BOARD", `this firmware has the flash at 0x${overlap.address.toString(16)}, which the image needs`);
    }
    const below = firmware.filter((one) => one.address < chip.storage.address);
    return makeUf2([...below, ...ours], chip.family);
};
