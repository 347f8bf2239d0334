/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SMPAIR_HOSTKEY_H
#define _SMPAIR_HOSTKEY_H

#include <linux/kref.h>
#include <linux/types.h>
#include <uapi/linux/smpair.h>
#include <uapi/linux/smpair_proto.h>

struct key;
struct netlink_ext_ack;

#define SMPAIR_MHKEY_MAX	4
#define SMPAIR_HOST_MAGIC	"SMPH"
#define SMPAIR_HOST_VERSION	1
#define SMPAIR_HOST_HEADER_LEN	48	/* magic 4 | version | count | 0 0 | SN 8 | HS 32 */
#define SMPAIR_HOST_ENTRY_LEN	34	/* u16 m | MHKey 32 */

/**
 * struct smpair_host_gen - what one MHKey generation gives a host (section 3)
 * @m: generation
 * @tk: TK, shared with each module's slot
 * @kw: KW, wraps pairing data; never leaves the host
 */
struct smpair_host_gen {
	u16 m;
	u8 tk[PDT1_KEY_LEN];
	u8 kw[PDT1_KEY_LEN];
};

/**
 * struct smpair_host_cy - one host cryptogram and its authentication secret
 * @domain: dom in its header
 * @g: generation of k in its header
 * @cy: the cryptogram
 * @as: AS for this domain and generation
 */
struct smpair_host_cy {
	u32 domain;
	u16 g;
	u8 cy[PDT1_CY_LEN];
	u8 as[PDT1_KEY_LEN];
};

/**
 * struct smpair_host - host credentials; immutable once published, wiped with the last reference
 * @kref: references
 * @sn: SN
 * @gen_count: entries of @gen
 * @gen: sorted, highest m first
 * @cy_count: entries of @cy
 * @cy: in the order given by user space; order of use depends on the module (section 3)
 */
struct smpair_host {
	struct kref kref;
	u8 sn[PDT1_ID_LEN];
	unsigned int gen_count;
	struct smpair_host_gen gen[SMPAIR_MHKEY_MAX];
	unsigned int cy_count;
	struct smpair_host_cy cy[SMPAIR_CY_MAX];
};

/* Parses a payload and derives AS, TK, KW. Pure but for allocation; for KUnit too. */
struct smpair_host *smpair_host_create(const u8 *payload, size_t len,
				       const u8 cy[][PDT1_CY_LEN], unsigned int cy_count,
				       struct netlink_ext_ack *extack);
/* Reads a logon, encrypted or trusted key by serial with the caller's credentials. */
int smpair_host_load(s32 serial, const u8 cy[][PDT1_CY_LEN], unsigned int cy_count,
		     struct netlink_ext_ack *extack);
void smpair_host_clear(void);
struct smpair_host *smpair_host_get(void);	/* current credentials or NULL */
void smpair_host_put(struct smpair_host *host);	/* NULL is fine */
/* Reads eight ASCII digits from a logon key and invalidates it. */
int smpair_pin_load(s32 serial, u8 pin[PDT1_PIN_LEN], struct netlink_ext_ack *extack);

#endif /* _SMPAIR_HOSTKEY_H */
