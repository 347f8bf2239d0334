/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the protocol, each as one step with its conclusion. All of
 * them need dev->lock, sleep while the module answers, and leave the scratch
 * buffers wiped.
 */
#ifndef _SMPAIR_COMMAND_H
#define _SMPAIR_COMMAND_H

#include "link.h"

#define SMPAIR_LOST_MAX		3	/* sessions lost in a row before the host stops */

enum smpair_cause smpair_errno_cause(int error);

enum smpair_cause smpair_cmd_probe(struct smpair_dev *dev);
enum smpair_cause smpair_cmd_info(struct smpair_dev *dev);
enum smpair_cause smpair_info_cause(const struct smpair_info *info);

enum smpair_cause smpair_cmd_open(struct smpair_dev *dev, bool *restricted);
enum smpair_cause smpair_cmd_verify(struct smpair_dev *dev);
int smpair_cmd_envelope(struct smpair_dev *dev, u8 type, const void *msg, size_t len,
			void *answer, size_t size, size_t *answer_len, u16 *sw);
enum smpair_cause smpair_cmd_inner(struct smpair_dev *dev, u8 ins, const void *data,
				   size_t len, u16 *sw);
enum smpair_cause smpair_cmd_slots(struct smpair_dev *dev);
void smpair_session_lose(struct smpair_dev *dev);

enum smpair_cause smpair_cmd_begin(struct smpair_dev *dev, struct smpair_pair *pair);
enum smpair_cause smpair_cmd_confirm(struct smpair_dev *dev, struct smpair_pair *pair,
				     const u8 *pin, bool consent, struct smpair_e3 *e3);
enum smpair_cause smpair_cmd_manage(struct smpair_dev *dev, const u8 *blob, size_t len,
				    u8 receipt[PDT1_RECEIPT_LEN + PDT1_RECEIPT_MAC_LEN], u16 *sw);
enum smpair_cause smpair_cmd_report(struct smpair_dev *dev, const u8 nonce[PDT1_REPORT_NONCE_LEN],
				    u8 report[PDT1_REPORT_LEN + PDT1_REPORT_MAC_LEN], u16 *sw);

#endif /* _SMPAIR_COMMAND_H */
