// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <netlink/msg.h>

#include "message.h"

static const uint8_t ID[8] = { 2, 1, 0, 0, 0, 0, 0x56, 0x78 };

/*
 * Parses from a heap copy of exactly the given length, so that the sanitizer
 * sees each byte that is read beyond it.
 */
#define PARSE(fn, bytes, length, out) ({				\
	size_t len_ = (length);						\
	uint8_t *copy_ = malloc(len_ ? len_ : 1);			\
	struct smpair_attrs attrs_ = { copy_, (int)len_ };		\
	int err_;							\
	memcpy(copy_, (bytes), len_);					\
	err_ = fn(&attrs_, (out));					\
	free(copy_);							\
	err_;								\
})

static struct message dev_message(void)
{
	struct message m = { .len = 0 };

	msg_u32(&m, SMPAIR_A_DEV_ID, 3);
	msg_text(&m, SMPAIR_A_DEV_NAME, "smpair3");
	msg_text(&m, SMPAIR_A_DEV_TRANSPORT, "virt");
	msg_u32(&m, SMPAIR_A_DEV_STATE, SMPAIR_STATE_PAIRED);
	msg_u32(&m, SMPAIR_A_DEV_CAUSE, SMPAIR_CAUSE_NONE);
	msg_attr(&m, SMPAIR_A_DEV_MODULE_ID, ID, sizeof(ID));
	msg_u32(&m, SMPAIR_A_DEV_TRIES_LEFT, 4);
	return m;
}

static void a_link_is_read_field_by_field(void **state)
{
	struct message m = dev_message();
	struct smpair_dev_info info;

	(void)state;
	assert_int_equal(PARSE(smpair_parse_dev, m.bytes, m.len, &info), 0);
	assert_int_equal(info.id, 3);
	assert_string_equal(info.name, "smpair3");
	assert_string_equal(info.transport, "virt");
	assert_int_equal(info.state, SMPAIR_STATE_PAIRED);
	assert_memory_equal(info.module_id, ID, sizeof(ID));
	assert_int_equal(info.tries_left, 4);
	assert_true(SMPAIR_HAS(&info, SMPAIR_A_DEV_TRIES_LEFT));
	assert_false(SMPAIR_HAS(&info, SMPAIR_A_DEV_SLOT));
	assert_int_equal(info.slot, 0);
}

static void attributes_of_a_newer_driver_are_ignored(void **state)
{
	struct message m = dev_message();
	struct smpair_dev_info info;

	(void)state;
	msg_u64(&m, SMPAIR_A_DEV_MAX + 1, 1);
	msg_u64(&m, 0x3fff, 1);
	assert_int_equal(PARSE(smpair_parse_dev, m.bytes, m.len, &info), 0);
	assert_int_equal(info.id, 3);
}

/* Cut anywhere, the message is refused or lacks whole attributes only. */
static void truncation_is_refused_or_loses_whole_attributes(void **state)
{
	struct message m = dev_message();
	struct smpair_dev_info info;
	unsigned int refused = 0;
	size_t len;

	(void)state;
	for (len = 0; len < m.len; len++) {
		int err = PARSE(smpair_parse_dev, m.bytes, len, &info);

		if (err) {
			assert_int_equal(err, -EBADMSG);
			refused++;
			continue;
		}
		assert_string_equal(info.name, "smpair3");
		assert_int_equal(len % 4, 0);
	}
	assert_true(refused > m.len / 2);
}

static void every_lie_about_a_length_is_survived(void **state)
{
	const struct message honest = dev_message();
	struct smpair_dev_info info;
	size_t at = 0;

	(void)state;
	while (at < honest.len) {
		const struct nlattr *attr = (const void *)(honest.bytes + at);
		unsigned int lie;

		for (lie = 0; lie <= UINT16_MAX; lie++) {
			struct message m = honest;
			int err;

			((struct nlattr *)(m.bytes + at))->nla_len = (uint16_t)lie;
			err = PARSE(smpair_parse_dev, m.bytes, m.len, &info);
			if (err)
				assert_int_equal(err, -EBADMSG);
			/* Beyond the end of the message it must be noticed. */
			if (lie < NLA_HDRLEN || lie > honest.len - at)
				assert_int_equal(err, -EBADMSG);
			if (lie > 512)
				lie += 509;
		}
		at += NLA_ALIGN(attr->nla_len);
	}
}

static void missing_attributes_are_refused(void **state)
{
	static const uint16_t needed[] = {
		SMPAIR_A_DEV_ID, SMPAIR_A_DEV_NAME, SMPAIR_A_DEV_STATE, SMPAIR_A_DEV_CAUSE,
	};
	const struct message full = dev_message();
	struct smpair_dev_info info;
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		struct message m = { .len = 0 };

		for (at = 0; at < full.len;) {
			const struct nlattr *attr = (const void *)(full.bytes + at);

			if (attr->nla_type != needed[i])
				msg_attr(&m, attr->nla_type, attr + 1,
					 attr->nla_len - NLA_HDRLEN);
			at += NLA_ALIGN(attr->nla_len);
		}
		assert_int_equal(PARSE(smpair_parse_dev, m.bytes, m.len, &info), -EBADMSG);
	}
}

static void values_of_a_wrong_size_are_refused(void **state)
{
	static const uint8_t zero[64];
	struct smpair_outcome outcome;
	struct smpair_dev_info info;
	size_t size;

	(void)state;
	for (size = 0; size <= sizeof(zero); size++) {
		struct message m = dev_message();
		int expected = size == sizeof(uint32_t) ? 0 : -EBADMSG;

		msg_attr(&m, SMPAIR_A_DEV_SLOT, zero, size);
		assert_int_equal(PARSE(smpair_parse_dev, m.bytes, m.len, &info), expected);

		m = dev_message();
		expected = size == sizeof(ID) ? 0 : -EBADMSG;
		msg_attr(&m, SMPAIR_A_DEV_MODULE_ID, zero, size);
		assert_int_equal(PARSE(smpair_parse_dev, m.bytes, m.len, &info), expected);

		m.len = 0;
		msg_u32(&m, SMPAIR_A_OP_DEV_ID, 0);
		msg_u32(&m, SMPAIR_A_OP_ERROR, 0);
		msg_u32(&m, SMPAIR_A_OP_CAUSE, 0);
		expected = size == sizeof(uint64_t) ? 0 : -EBADMSG;
		msg_attr(&m, SMPAIR_A_OP_ID, zero, size);
		assert_int_equal(PARSE(smpair_parse_op, m.bytes, m.len, &outcome), expected);

		m.len = 0;
		msg_u32(&m, SMPAIR_A_OP_DEV_ID, 0);
		msg_u64(&m, SMPAIR_A_OP_ID, 1);
		msg_u32(&m, SMPAIR_A_OP_ERROR, 0);
		msg_u32(&m, SMPAIR_A_OP_CAUSE, 0);
		expected = size == SMPAIR_RECEIPT_LEN ? 0 : -EBADMSG;
		msg_attr(&m, SMPAIR_A_OP_RECEIPT, zero, size);
		assert_int_equal(PARSE(smpair_parse_op, m.bytes, m.len, &outcome), expected);

		m.len = 0;
		msg_u32(&m, SMPAIR_A_OP_DEV_ID, 0);
		msg_u64(&m, SMPAIR_A_OP_ID, 1);
		msg_u32(&m, SMPAIR_A_OP_ERROR, 0);
		msg_u32(&m, SMPAIR_A_OP_CAUSE, 0);
		expected = size == SMPAIR_REPORT_LEN ? 0 : -EBADMSG;
		msg_attr(&m, SMPAIR_A_OP_REPORT, zero, size);
		assert_int_equal(PARSE(smpair_parse_op, m.bytes, m.len, &outcome), expected);
	}
}

static void texts_must_end_fit_and_be_printable(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int err;
	} names[] = {
		{ "smpair3", 8, 0 },
		{ "smpair3", 7, -EBADMSG },
		{ "", 0, -EBADMSG },
		{ "a\033[2J", 6, -EBADMSG },
		{ "\xff\xfe", 3, -EBADMSG },
		{ "1234567890123456789012345678901", 32, 0 },
		{ "12345678901234567890123456789012", 33, -EBADMSG },
	};
	struct smpair_dev_info info;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct message m = { .len = 0 };

		msg_u32(&m, SMPAIR_A_DEV_ID, 3);
		msg_attr(&m, SMPAIR_A_DEV_NAME, names[i].bytes, names[i].len);
		msg_u32(&m, SMPAIR_A_DEV_STATE, 0);
		msg_u32(&m, SMPAIR_A_DEV_CAUSE, 0);
		assert_int_equal(PARSE(smpair_parse_dev, m.bytes, m.len, &info), names[i].err);
	}
}

static struct message cy_entry(uint32_t domain, uint32_t generation)
{
	struct message m = { .len = 0 };

	msg_u32(&m, SMPAIR_A_CY_INFO_DOMAIN, domain);
	msg_u32(&m, SMPAIR_A_CY_INFO_GENERATION, generation);
	return m;
}

static void repeated_attributes_are_bounded(void **state)
{
	struct message m = { .len = 0 }, nested = cy_entry(7, 2);
	struct smpair_host_info info;
	int i;

	(void)state;
	msg_attr(&m, SMPAIR_A_HOST_HOST_ID, ID, sizeof(ID));
	for (i = 0; i < SMPAIR_GENERATIONS_MAX; i++)
		msg_u32(&m, SMPAIR_A_HOST_GENERATION, 10 + (uint32_t)i);
	for (i = 0; i < SMPAIR_CY_MAX; i++)
		msg_attr(&m, SMPAIR_A_HOST_CY_INFO | NLA_F_NESTED, nested.bytes, nested.len);

	assert_int_equal(PARSE(smpair_parse_host, m.bytes, m.len, &info), 0);
	assert_int_equal(info.generation_count, SMPAIR_GENERATIONS_MAX);
	assert_int_equal(info.generation[3], 13);
	assert_int_equal(info.cy_count, SMPAIR_CY_MAX);
	assert_int_equal(info.cy[7].domain, 7);
	assert_int_equal(info.cy[7].generation, 2);

	nested = m;
	msg_u32(&m, SMPAIR_A_HOST_GENERATION, 99);
	assert_int_equal(PARSE(smpair_parse_host, m.bytes, m.len, &info), -EBADMSG);
	m = nested;
	nested = cy_entry(7, 2);
	msg_attr(&m, SMPAIR_A_HOST_CY_INFO, nested.bytes, nested.len);
	assert_int_equal(PARSE(smpair_parse_host, m.bytes, m.len, &info), -EBADMSG);
}

static void nested_attributes_are_judged_too(void **state)
{
	struct smpair_host_info info;
	size_t cut;

	(void)state;
	for (cut = 0; cut < 16; cut++) {
		struct message m = { .len = 0 }, nested = cy_entry(1, 1);

		msg_attr(&m, SMPAIR_A_HOST_HOST_ID, ID, sizeof(ID));
		msg_attr(&m, SMPAIR_A_HOST_CY_INFO, nested.bytes, cut);
		assert_int_equal(PARSE(smpair_parse_host, m.bytes, m.len, &info), -EBADMSG);
	}
}

static void a_request_needs_all_of_its_attributes(void **state)
{
	struct smpair_request request;
	struct message m = { .len = 0 };

	(void)state;
	msg_u64(&m, SMPAIR_A_REQ_ID, 5);
	msg_u32(&m, SMPAIR_A_REQ_DEV_ID, 0);
	msg_u64(&m, SMPAIR_A_REQ_OP_ID, 6);
	msg_attr(&m, SMPAIR_A_REQ_MODULE_ID, ID, 8);
	msg_attr(&m, SMPAIR_A_REQ_HOST_ID, ID, 8);
	msg_u32(&m, SMPAIR_A_REQ_INDEX, 9);
	msg_u32(&m, SMPAIR_A_REQ_REQUEST_CODE, 3872);
	msg_u32(&m, SMPAIR_A_REQ_PIN_POLICY, SMPAIR_PIN_POLICY_INDEXED);
	msg_u32(&m, SMPAIR_A_REQ_PLAN, SMPAIR_PLAN_FREE | SMPAIR_PLAN_PIN);
	msg_u32(&m, SMPAIR_A_REQ_SLOT, 2);
	msg_u32(&m, SMPAIR_A_REQ_TRIES_LEFT, 5);
	assert_int_equal(PARSE(smpair_parse_request, m.bytes, m.len, &request), -EBADMSG);
	msg_u32(&m, SMPAIR_A_REQ_DEADLINE_MS, 300000);
	assert_int_equal(PARSE(smpair_parse_request, m.bytes, m.len, &request), 0);
	assert_int_equal(request.id, 5);
	assert_int_equal(request.op, 6);
	assert_int_equal(request.request_code, 3872);
}

static struct message ack(uint16_t type, uint16_t flags, int32_t err, const char *text)
{
	struct message m = { .len = 0 };
	struct nlmsghdr *nlh = (struct nlmsghdr *)m.bytes, echoed = { .nlmsg_len = 16 };

	m.len = NLMSG_HDRLEN;
	memcpy(m.bytes + m.len, &err, sizeof(err));
	m.len += sizeof(err);
	if (type == NLMSG_ERROR) {
		echoed.nlmsg_len = flags & NLM_F_CAPPED ? 60 : 36;
		memcpy(m.bytes + m.len, &echoed, sizeof(echoed));
		m.len += flags & NLM_F_CAPPED ? sizeof(echoed) : 36;
	}
	if (text) {
		msg_u32(&m, NLMSGERR_ATTR_OFFS, 20);
		msg_attr(&m, NLMSGERR_ATTR_MSG, text, strlen(text) + 1);
	}
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_len = (uint32_t)m.len;
	return m;
}

static void words_of_the_kernel_are_found_in_each_form_of_an_ack(void **state)
{
	static const struct {
		uint16_t type, flags;
	} forms[] = {
		{ NLMSG_ERROR, NLM_F_ACK_TLVS },
		{ NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED },
		{ NLMSG_DONE, NLM_F_ACK_TLVS | NLM_F_MULTI },
	};
	char text[SMPAIR_EXTACK_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct message m = ack(forms[i].type, forms[i].flags, -ENODEV, "no such module");

		assert_int_equal(smpair_parse_ack((void *)m.bytes, text), -ENODEV);
		assert_string_equal(text, "no such module");
	}
}

static void words_of_the_kernel_cannot_drive_a_terminal_or_overflow(void **state)
{
	struct message m = ack(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, -EINVAL,
			       "bad\033[2J\nline");
	char text[SMPAIR_EXTACK_SIZE], longer[2 * SMPAIR_EXTACK_SIZE];

	(void)state;
	assert_int_equal(smpair_parse_ack((void *)m.bytes, text), -EINVAL);
	assert_string_equal(text, "bad?[2J?line");

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	m = ack(NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, -EINVAL, longer);
	assert_int_equal(smpair_parse_ack((void *)m.bytes, text), -EINVAL);
	assert_int_equal(strlen(text), SMPAIR_EXTACK_SIZE - 1);
}

static void an_ack_cut_anywhere_is_survived(void **state)
{
	struct message m = ack(NLMSG_ERROR, NLM_F_ACK_TLVS, -EPERM, "needs CAP_NET_ADMIN");
	char text[SMPAIR_EXTACK_SIZE];
	size_t len;

	(void)state;
	for (len = NLMSG_HDRLEN; len < m.len; len++) {
		struct nlmsghdr *copy = malloc(len);
		int err;

		memcpy(copy, m.bytes, len);
		copy->nlmsg_len = (uint32_t)len;
		err = smpair_parse_ack(copy, text);
		assert_int_equal(err, len < NLMSG_HDRLEN + 4 ? -EBADMSG : -EPERM);
		assert_string_equal(text, "");
		free(copy);
	}
}

static void an_ack_that_lies_about_the_echo_is_survived(void **state)
{
	static const uint32_t lies[] = { 0, 1, 15, 16, 37, 40, 80, 4096, 0x7fffffff, 0xffffffff };
	char text[SMPAIR_EXTACK_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct message m = ack(NLMSG_ERROR, NLM_F_ACK_TLVS, -EPERM, "text");
		struct nlmsghdr *copy = malloc(m.len);

		memcpy(m.bytes + NLMSG_HDRLEN + 4, &lies[i], 4);
		memcpy(copy, m.bytes, m.len);
		assert_int_equal(smpair_parse_ack(copy, text), -EPERM);
		free(copy);
	}
}

static void a_positive_error_is_refused(void **state)
{
	struct message m = ack(NLMSG_ERROR, 0, 5, NULL);
	char text[SMPAIR_EXTACK_SIZE];

	(void)state;
	assert_int_equal(smpair_parse_ack((void *)m.bytes, text), -EBADMSG);
}

static void an_error_that_is_no_errno_is_refused(void **state)
{
	static const int32_t errors[] = { -4096, -65536, INT32_MIN + 1, INT32_MIN };
	char text[SMPAIR_EXTACK_SIZE];
	struct message m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		m = ack(NLMSG_ERROR, 0, errors[i], NULL);
		assert_int_equal(smpair_parse_ack((void *)m.bytes, text), -EBADMSG);
	}
	m = ack(NLMSG_ERROR, 0, -4095, NULL);
	assert_int_equal(smpair_parse_ack((void *)m.bytes, text), -4095);
}

static void a_message_without_its_headers_is_refused(void **state)
{
	struct smpair_attrs attrs;
	uint32_t len;
	uint8_t cmd;

	(void)state;
	for (len = NLMSG_HDRLEN; len < NLMSG_HDRLEN + GENL_HDRLEN; len++) {
		struct nlmsghdr *nlh = calloc(1, len);

		nlh->nlmsg_len = len;
		assert_int_equal(smpair_parse_genl(nlh, &cmd, &attrs), -EBADMSG);
		free(nlh);
	}
}

/* Any bytes at all: nothing is asserted but that the sanitizers keep still. */
static void random_bytes_are_survived(void **state)
{
	unsigned int seed = 20240501, round, i;
	uint8_t bytes[160];

	(void)state;
	for (round = 0; round < 20000; round++) {
		const size_t len = (size_t)rand_r(&seed) % sizeof(bytes);
		struct smpair_request request;
		struct smpair_outcome outcome;
		struct smpair_host_info host;
		struct smpair_slot_info slot;
		struct smpair_dev_info dev;

		for (i = 0; i < len; i++)
			bytes[i] = (uint8_t)(rand_r(&seed) >> 8);
		/* Plausible headers get further in. */
		for (i = 0; i + 4 <= len; i += 8) {
			bytes[i] = (uint8_t)(4 + rand_r(&seed) % 9);
			bytes[i + 1] = 0;
			bytes[i + 3] = 0;
			bytes[i + 2] %= 24;
		}
		assert_in_range(-PARSE(smpair_parse_dev, bytes, len, &dev), 0, EBADMSG);
		assert_in_range(-PARSE(smpair_parse_slot, bytes, len, &slot), 0, EBADMSG);
		assert_in_range(-PARSE(smpair_parse_host, bytes, len, &host), 0, EBADMSG);
		assert_in_range(-PARSE(smpair_parse_op, bytes, len, &outcome), 0, EBADMSG);
		assert_in_range(-PARSE(smpair_parse_request, bytes, len, &request), 0, EBADMSG);
		assert_true(host.cy_count <= SMPAIR_CY_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_read_field_by_field),
		cmocka_unit_test(attributes_of_a_newer_driver_are_ignored),
		cmocka_unit_test(truncation_is_refused_or_loses_whole_attributes),
		cmocka_unit_test(every_lie_about_a_length_is_survived),
		cmocka_unit_test(missing_attributes_are_refused),
		cmocka_unit_test(values_of_a_wrong_size_are_refused),
		cmocka_unit_test(texts_must_end_fit_and_be_printable),
		cmocka_unit_test(repeated_attributes_are_bounded),
		cmocka_unit_test(nested_attributes_are_judged_too),
		cmocka_unit_test(a_request_needs_all_of_its_attributes),
		cmocka_unit_test(words_of_the_kernel_are_found_in_each_form_of_an_ack),
		cmocka_unit_test(words_of_the_kernel_cannot_drive_a_terminal_or_overflow),
		cmocka_unit_test(an_ack_cut_anywhere_is_survived),
		cmocka_unit_test(an_ack_that_lies_about_the_echo_is_survived),
		cmocka_unit_test(a_positive_error_is_refused),
		cmocka_unit_test(an_error_that_is_no_errno_is_refused),
		cmocka_unit_test(a_message_without_its_headers_is_refused),
		cmocka_unit_test(random_bytes_are_survived),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
