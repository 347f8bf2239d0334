/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of the core's functions; 0 is success. */
#ifndef SOFTMOD_CORE_ERROR_H
#define SOFTMOD_CORE_ERROR_H

/**
 * enum sm_error - why a function of the core failed
 * @SM_EINVAL: a value is out of range
 * @SM_EIO: the platform failed: flash, random numbers or cryptography
 * @SM_EEXIST: the flash is not erased
 * @SM_ENOENT: no such record
 * @SM_EVIRGIN: the flash is erased: the module has no identity
 * @SM_EDAMAGED: the flash holds something that is not a sound module; its
 *	bytes were left alone
 * @SM_EOFF: the module has no power
 * @SM_EBADMAC: an authentication tag is wrong
 */
enum sm_error {
	SM_EINVAL = 1,
	SM_EIO,
	SM_EEXIST,
	SM_ENOENT,
	SM_EVIRGIN,
	SM_EDAMAGED,
	SM_EOFF,
	SM_EBADMAC,
};

#endif /* SOFTMOD_CORE_ERROR_H */
