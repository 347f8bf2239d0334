/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events: lengths, status words and states; never a byte of payload.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM smpair

#if !defined(_SMPAIR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SMPAIR_TRACE_H

#include <linux/tracepoint.h>
#include "pair_state.h"

TRACE_EVENT(smpair_state,
	    TP_PROTO(u32 dev, u32 from, u32 to, u32 cause),
	    TP_ARGS(dev, from, to, cause),
	    TP_STRUCT__entry(__field(u32, dev)
			     __field(u32, from)
			     __field(u32, to)
			     __field(u32, cause)),
	    TP_fast_assign(__entry->dev = dev;
			   __entry->from = from;
			   __entry->to = to;
			   __entry->cause = cause;),
	    TP_printk("smpair%u %s -> %s cause=%s", __entry->dev,
		      smpair_state_name(__entry->from), smpair_state_name(__entry->to),
		      smpair_cause_name(__entry->cause))
);

TRACE_EVENT(smpair_transmit,
	    TP_PROTO(u32 dev, u8 ins, size_t len, size_t rsp_len, u16 sw, int ret),
	    TP_ARGS(dev, ins, len, rsp_len, sw, ret),
	    TP_STRUCT__entry(__field(u32, dev)
			     __field(u8, ins)
			     __field(size_t, len)
			     __field(size_t, rsp_len)
			     __field(u16, sw)
			     __field(int, ret)),
	    TP_fast_assign(__entry->dev = dev;
			   __entry->ins = ins;
			   __entry->len = len;
			   __entry->rsp_len = rsp_len;
			   __entry->sw = sw;
			   __entry->ret = ret;),
	    TP_printk("smpair%u ins=%02x len=%zu rsp_len=%zu sw=%04x ret=%d", __entry->dev,
		      __entry->ins, __entry->len, __entry->rsp_len, __entry->sw, __entry->ret)
);

TRACE_EVENT(smpair_op,
	    TP_PROTO(u32 dev, u64 id, u32 kind, int error, u32 cause),
	    TP_ARGS(dev, id, kind, error, cause),
	    TP_STRUCT__entry(__field(u32, dev)
			     __field(u64, id)
			     __field(u32, kind)
			     __field(int, error)
			     __field(u32, cause)),
	    TP_fast_assign(__entry->dev = dev;
			   __entry->id = id;
			   __entry->kind = kind;
			   __entry->error = error;
			   __entry->cause = cause;),
	    TP_printk("smpair%u op=%llu kind=%u error=%d cause=%s", __entry->dev, __entry->id,
		      __entry->kind, __entry->error, smpair_cause_name(__entry->cause))
);

#endif /* _SMPAIR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
