/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two secrets that the keys of all modules follow from (protocol, section 3). */
#ifndef CENTRE_MASTER_H
#define CENTRE_MASTER_H

/* Bytes of a value derived from a master by which a wrong one is noticed. */
#define MASTER_CHECK_LEN	8

/* The numbers are kept in databases. */
enum master {
	MASTER_MPIN,
	MASTER_MMGT,
	MASTER_KINDS
};

#endif /* CENTRE_MASTER_H */
