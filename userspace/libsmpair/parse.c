// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One table per attribute set says where each attribute goes, what it must
 * look like and whether it must be there; the policies that libnl checks are
 * made from the same tables.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "parse.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* More than any attribute set of the family has. */
#define ATTR_LIMIT	32

/* The kernel has no greater one. */
#define ERRNO_MAX	4095

enum field_kind {
	FIELD_NONE,
	FIELD_U32,
	FIELD_U64,
	FIELD_TEXT,
	FIELD_BYTES,
};

struct field {
	enum field_kind kind;
	bool required;
	uint16_t offset;
	uint16_t size;
};

struct schema {
	const struct field *fields;
	int max;
};

#define FIELD(type, member, k, r) \
	{ .kind = (k), .required = (r), .offset = offsetof(struct type, member), \
	  .size = sizeof(((struct type *)0)->member) }
#define NEED(type, member, k)	FIELD(type, member, k, true)
#define MAY(type, member, k)	FIELD(type, member, k, false)

static const struct field dev_fields[SMPAIR_A_DEV_MAX + 1] = {
	[SMPAIR_A_DEV_ID] = NEED(smpair_dev_info, id, FIELD_U32),
	[SMPAIR_A_DEV_NAME] = NEED(smpair_dev_info, name, FIELD_TEXT),
	[SMPAIR_A_DEV_TRANSPORT] = MAY(smpair_dev_info, transport, FIELD_TEXT),
	[SMPAIR_A_DEV_STATE] = NEED(smpair_dev_info, state, FIELD_U32),
	[SMPAIR_A_DEV_CAUSE] = NEED(smpair_dev_info, cause, FIELD_U32),
	[SMPAIR_A_DEV_MODULE_ID] = MAY(smpair_dev_info, module_id, FIELD_BYTES),
	[SMPAIR_A_DEV_DOMAIN] = MAY(smpair_dev_info, domain, FIELD_U32),
	[SMPAIR_A_DEV_SLOTS] = MAY(smpair_dev_info, slots, FIELD_U32),
	[SMPAIR_A_DEV_SLOTS_FREE] = MAY(smpair_dev_info, slots_free, FIELD_U32),
	[SMPAIR_A_DEV_PIN_POLICY] = MAY(smpair_dev_info, pin_policy, FIELD_U32),
	[SMPAIR_A_DEV_EVICT_POLICY] = MAY(smpair_dev_info, evict_policy, FIELD_U32),
	[SMPAIR_A_DEV_TRIES_LEFT] = MAY(smpair_dev_info, tries_left, FIELD_U32),
	[SMPAIR_A_DEV_TRIES_MAX] = MAY(smpair_dev_info, tries_max, FIELD_U32),
	[SMPAIR_A_DEV_MAX_MESSAGE] = MAY(smpair_dev_info, max_message, FIELD_U32),
	[SMPAIR_A_DEV_INDEX] = MAY(smpair_dev_info, index, FIELD_U32),
	[SMPAIR_A_DEV_SLOT] = MAY(smpair_dev_info, slot, FIELD_U32),
	[SMPAIR_A_DEV_GENERATION] = MAY(smpair_dev_info, generation, FIELD_U32),
	[SMPAIR_A_DEV_SESSION_AGE] = MAY(smpair_dev_info, session_age, FIELD_U32),
	[SMPAIR_A_DEV_SESSION_COMMANDS] =
		MAY(smpair_dev_info, session_commands, FIELD_U32),
	[SMPAIR_A_DEV_REKEYS] = MAY(smpair_dev_info, rekeys, FIELD_U32),
};

static const struct field slot_fields[SMPAIR_A_SLOT_MAX + 1] = {
	[SMPAIR_A_SLOT_DEV_ID] = NEED(smpair_slot_info, dev_id, FIELD_U32),
	[SMPAIR_A_SLOT_INDEX] = NEED(smpair_slot_info, index, FIELD_U32),
	[SMPAIR_A_SLOT_FLAGS] = NEED(smpair_slot_info, flags, FIELD_U32),
	[SMPAIR_A_SLOT_ACTIVITY] = MAY(smpair_slot_info, activity, FIELD_U32),
	[SMPAIR_A_SLOT_PAIRED_AT] = MAY(smpair_slot_info, paired_at, FIELD_U32),
	[SMPAIR_A_SLOT_SID] = MAY(smpair_slot_info, sid, FIELD_BYTES),
};

static const struct field host_fields[SMPAIR_A_HOST_MAX + 1] = {
	[SMPAIR_A_HOST_HOST_ID] = MAY(smpair_host_info, host_id, FIELD_BYTES),
};

static const struct field cy_fields[SMPAIR_A_CY_INFO_MAX + 1] = {
	[SMPAIR_A_CY_INFO_DOMAIN] = NEED(smpair_cy_info, domain, FIELD_U32),
	[SMPAIR_A_CY_INFO_GENERATION] = NEED(smpair_cy_info, generation, FIELD_U32),
};

static const struct field op_fields[SMPAIR_A_OP_MAX + 1] = {
	[SMPAIR_A_OP_DEV_ID] = NEED(smpair_outcome, dev_id, FIELD_U32),
	[SMPAIR_A_OP_ID] = NEED(smpair_outcome, op, FIELD_U64),
	[SMPAIR_A_OP_ERROR] = NEED(smpair_outcome, error, FIELD_U32),
	[SMPAIR_A_OP_CAUSE] = NEED(smpair_outcome, cause, FIELD_U32),
	[SMPAIR_A_OP_STATUS_WORD] = MAY(smpair_outcome, status_word, FIELD_U32),
	[SMPAIR_A_OP_PLAN] = MAY(smpair_outcome, plan, FIELD_U32),
	[SMPAIR_A_OP_SLOT] = MAY(smpair_outcome, slot, FIELD_U32),
	[SMPAIR_A_OP_TRIES_LEFT] = MAY(smpair_outcome, tries_left, FIELD_U32),
	[SMPAIR_A_OP_INDEX] = MAY(smpair_outcome, index, FIELD_U32),
	[SMPAIR_A_OP_REQUEST_CODE] = MAY(smpair_outcome, request_code, FIELD_U32),
	[SMPAIR_A_OP_PIN_POLICY] = MAY(smpair_outcome, pin_policy, FIELD_U32),
	[SMPAIR_A_OP_MODULE_ID] = MAY(smpair_outcome, module_id, FIELD_BYTES),
	[SMPAIR_A_OP_HOST_ID] = MAY(smpair_outcome, host_id, FIELD_BYTES),
	[SMPAIR_A_OP_RECEIPT] = MAY(smpair_outcome, receipt, FIELD_BYTES),
	[SMPAIR_A_OP_REPORT] = MAY(smpair_outcome, report, FIELD_BYTES),
};

/* The first answer to an operation: its number, not its outcome. */
static const struct field op_started_fields[SMPAIR_A_OP_MAX + 1] = {
	[SMPAIR_A_OP_DEV_ID] = NEED(smpair_outcome, dev_id, FIELD_U32),
	[SMPAIR_A_OP_ID] = NEED(smpair_outcome, op, FIELD_U64),
};

static const struct field req_fields[SMPAIR_A_REQ_MAX + 1] = {
	[SMPAIR_A_REQ_ID] = NEED(smpair_request, id, FIELD_U64),
	[SMPAIR_A_REQ_DEV_ID] = NEED(smpair_request, dev_id, FIELD_U32),
	[SMPAIR_A_REQ_OP_ID] = NEED(smpair_request, op, FIELD_U64),
	[SMPAIR_A_REQ_MODULE_ID] = NEED(smpair_request, module_id, FIELD_BYTES),
	[SMPAIR_A_REQ_HOST_ID] = NEED(smpair_request, host_id, FIELD_BYTES),
	[SMPAIR_A_REQ_INDEX] = NEED(smpair_request, index, FIELD_U32),
	[SMPAIR_A_REQ_REQUEST_CODE] = NEED(smpair_request, request_code, FIELD_U32),
	[SMPAIR_A_REQ_PIN_POLICY] = NEED(smpair_request, pin_policy, FIELD_U32),
	[SMPAIR_A_REQ_PLAN] = NEED(smpair_request, plan, FIELD_U32),
	[SMPAIR_A_REQ_SLOT] = NEED(smpair_request, slot, FIELD_U32),
	[SMPAIR_A_REQ_TRIES_LEFT] = NEED(smpair_request, tries_left, FIELD_U32),
	[SMPAIR_A_REQ_DEADLINE_MS] = NEED(smpair_request, deadline_ms, FIELD_U32),
};

static const struct field agent_fields[SMPAIR_A_AGENT_MAX + 1] = {
	[SMPAIR_A_AGENT_PRIORITY] = NEED(smpair_agent_info, priority, FIELD_U32),
	[SMPAIR_A_AGENT_HIGHEST] = NEED(smpair_agent_info, highest, FIELD_U32),
};

#define SCHEMA(f)	{ (f), ARRAY_SIZE(f) - 1 }

static const struct schema dev_schema = SCHEMA(dev_fields);
static const struct schema slot_schema = SCHEMA(slot_fields);
static const struct schema host_schema = SCHEMA(host_fields);
static const struct schema cy_schema = SCHEMA(cy_fields);
static const struct schema op_schema = SCHEMA(op_fields);
static const struct schema op_started_schema = SCHEMA(op_started_fields);
static const struct schema req_schema = SCHEMA(req_fields);
static const struct schema agent_schema = SCHEMA(agent_fields);

_Static_assert(ARRAY_SIZE(dev_fields) <= ATTR_LIMIT, "raise ATTR_LIMIT");
_Static_assert(ARRAY_SIZE(op_fields) <= ATTR_LIMIT, "raise ATTR_LIMIT");
_Static_assert(ARRAY_SIZE(req_fields) <= ATTR_LIMIT, "raise ATTR_LIMIT");

/*
 * libnl stops in silence at an attribute whose length is a lie and ignores
 * what follows; a message with such an end is refused as a whole.
 */
static bool well_formed(const struct smpair_attrs *attrs)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_attr(attr, (struct nlattr *)attrs->data, attrs->len, rem)
		;
	return rem <= 0;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static void make_policy(const struct schema *schema, struct nla_policy *policy)
{
	int i;

	memset(policy, 0, ATTR_LIMIT * sizeof(*policy));
	for (i = 0; i <= schema->max; i++) {
		const struct field *field = &schema->fields[i];

		policy[i].minlen = field->size;
		policy[i].maxlen = field->size;
		switch (field->kind) {
		case FIELD_U32:
			policy[i].type = NLA_U32;
			break;
		case FIELD_U64:
			policy[i].type = NLA_U64;
			break;
		case FIELD_TEXT:
			policy[i].type = NLA_STRING;
			policy[i].minlen = 1;
			break;
		case FIELD_BYTES:
			break;
		case FIELD_NONE:
			policy[i].minlen = 0;
			policy[i].maxlen = 0;
			break;
		}
	}
}

/* Each structure begins with its mask of present attributes. */
static int parse(const struct schema *schema, const struct smpair_attrs *attrs,
		 void *out, size_t out_size)
{
	struct nla_policy policy[ATTR_LIMIT];
	struct nlattr *tb[ATTR_LIMIT];
	uint64_t present = 0;
	int i;

	memset(out, 0, out_size);
	if (!well_formed(attrs))
		return -EBADMSG;
	make_policy(schema, policy);
	if (nla_parse(tb, schema->max, (struct nlattr *)attrs->data, attrs->len,
		      policy) < 0)
		return -EBADMSG;

	for (i = 0; i <= schema->max; i++) {
		const struct field *field = &schema->fields[i];
		uint8_t *to = (uint8_t *)out + field->offset;

		if (field->kind == FIELD_NONE)
			continue;
		if (!tb[i]) {
			if (field->required)
				return -EBADMSG;
			continue;
		}
		if (field->kind == FIELD_TEXT && !printable(nla_data(tb[i])))
			return -EBADMSG;
		/* The policy bounds each length by the size of its field. */
		memcpy(to, nla_data(tb[i]), (size_t)nla_len(tb[i]));
		present |= UINT64_C(1) << i;
	}
	memcpy(out, &present, sizeof(present));
	return 0;
}

/*
 * smpair_parse_genl() - Take a generic netlink message apart.
 * @nlh: A message whose length the caller checked with nlmsg_ok().
 *
 * Return: 0, or -EBADMSG where it has no room for its headers.
 */
int smpair_parse_genl(const struct nlmsghdr *nlh, uint8_t *cmd, struct smpair_attrs *attrs)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);

	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return -EBADMSG;
	*cmd = genl->cmd;
	attrs->data = (const uint8_t *)genl + GENL_HDRLEN;
	attrs->len = (int)(nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
	return 0;
}

int smpair_parse_dev(const struct smpair_attrs *attrs, struct smpair_dev_info *info)
{
	return parse(&dev_schema, attrs, info, sizeof(*info));
}

int smpair_parse_slot(const struct smpair_attrs *attrs, struct smpair_slot_info *info)
{
	return parse(&slot_schema, attrs, info, sizeof(*info));
}

int smpair_parse_host(const struct smpair_attrs *attrs, struct smpair_host_info *info)
{
	struct smpair_attrs nested;
	struct nlattr *attr;
	int err, rem;

	err = parse(&host_schema, attrs, info, sizeof(*info));
	if (err)
		return err;

	nla_for_each_attr(attr, (struct nlattr *)attrs->data, attrs->len, rem) {
		switch (nla_type(attr)) {
		case SMPAIR_A_HOST_GENERATION:
			if (nla_len(attr) != sizeof(uint32_t) ||
			    info->generation_count == SMPAIR_GENERATIONS_MAX)
				return -EBADMSG;
			info->generation[info->generation_count++] = nla_get_u32(attr);
			break;
		case SMPAIR_A_HOST_CY_INFO:
			if (info->cy_count == SMPAIR_CY_MAX)
				return -EBADMSG;
			nested.data = nla_data(attr);
			nested.len = nla_len(attr);
			err = parse(&cy_schema, &nested, &info->cy[info->cy_count],
				    sizeof(info->cy[0]));
			if (err)
				return err;
			info->cy_count++;
			break;
		}
	}
	return 0;
}

int smpair_parse_op(const struct smpair_attrs *attrs, struct smpair_outcome *outcome)
{
	return parse(&op_schema, attrs, outcome, sizeof(*outcome));
}

int smpair_parse_op_started(const struct smpair_attrs *attrs, uint64_t *op)
{
	struct smpair_outcome started;
	int err;

	err = parse(&op_started_schema, attrs, &started, sizeof(started));
	if (!err)
		*op = started.op;
	return err;
}

int smpair_parse_request(const struct smpair_attrs *attrs, struct smpair_request *request)
{
	return parse(&req_schema, attrs, request, sizeof(*request));
}

int smpair_parse_agent(const struct smpair_attrs *attrs, struct smpair_agent_info *info)
{
	return parse(&agent_schema, attrs, info, sizeof(*info));
}

/*
 * smpair_parse_family() - Which family does an announcement of the generic
 *	netlink controller speak of?
 * @name: Points into @attrs.
 */
int smpair_parse_family(const struct smpair_attrs *attrs, uint16_t *id, const char **name)
{
	static struct nla_policy policy[CTRL_ATTR_FAMILY_NAME + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING, .minlen = 1 },
	};
	struct nlattr *tb[CTRL_ATTR_FAMILY_NAME + 1];

	if (!well_formed(attrs) ||
	    nla_parse(tb, CTRL_ATTR_FAMILY_NAME, (struct nlattr *)attrs->data,
		      attrs->len, policy) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_ID] || !tb[CTRL_ATTR_FAMILY_NAME])
		return -EBADMSG;
	*id = nla_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	*name = nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]);
	return 0;
}

/* Text from the kernel, made safe for a terminal and bounded. */
static void copy_text(char text[SMPAIR_EXTACK_SIZE], const struct nlattr *attr)
{
	const char *from = nla_data(attr);
	int i, len = nla_len(attr);

	if (len > SMPAIR_EXTACK_SIZE - 1)
		len = SMPAIR_EXTACK_SIZE - 1;
	for (i = 0; i < len && from[i]; i++)
		text[i] = from[i] < ' ' || from[i] > '~' ? '?' : from[i];
	text[i] = '\0';
}

/*
 * smpair_parse_ack() - Error code and text of NLMSG_ERROR and NLMSG_DONE.
 * @nlh: A message whose length the caller checked with nlmsg_ok().
 * @text: Receives the kernel's text, or the empty string.
 *
 * libnl 3.7 has no call for extended acknowledgements. The TLVs follow the
 * echoed request, or its header alone if that was capped; after NLMSG_DONE they
 * follow the error code.
 *
 * Return: The error, zero or negative; -EBADMSG where the message is too short
 * to hold one, or holds a positive one or none that the kernel has.
 */
int smpair_parse_ack(const struct nlmsghdr *nlh, char text[SMPAIR_EXTACK_SIZE])
{
	const uint8_t *payload = nlmsg_data(nlh);
	size_t len, skip;
	struct nlattr *attr;
	int32_t err;
	int rem;

	text[0] = '\0';
	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(err))
		return -EBADMSG;
	len = nlh->nlmsg_len - NLMSG_HDRLEN;
	memcpy(&err, payload, sizeof(err));
	if (err > 0 || err < -ERRNO_MAX)
		return -EBADMSG;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return err;

	skip = NLMSG_ALIGN(sizeof(err));
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		struct nlmsghdr echoed;

		if (len < skip + sizeof(echoed))
			return err;
		memcpy(&echoed, payload + skip, sizeof(echoed));
		if (nlh->nlmsg_flags & NLM_F_CAPPED)
			skip += sizeof(echoed);
		else if (echoed.nlmsg_len >= sizeof(echoed) && echoed.nlmsg_len <= len - skip)
			skip += NLMSG_ALIGN(echoed.nlmsg_len);
		else
			return err;
	}
	if (skip >= len)
		return err;

	nla_for_each_attr(attr, (struct nlattr *)(payload + skip), (int)(len - skip), rem)
		if (nla_type(attr) == NLMSGERR_ATTR_MSG) {
			copy_text(text, attr);
			break;
		}
	return err;
}
