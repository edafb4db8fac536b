package dev.tributary.broker;

import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when keys were last used: what was noted in an interval is one write at its end. A broker whose keys nobody
 * uses has neither a thread for it nor anything to do. What could not be written stays noted for the next interval;
 * what was noted in the last one before a broker ends is lost, for by then it serves nobody, itself included.
 */
final class KeyUseWriter implements AutoCloseable {
    static final long INTERVAL_MS = 60_000;
    private static final Logger LOG = LoggerFactory.getLogger(KeyUseWriter.class);

    /** Where the uses of keys go. */
    interface Target {
        /** Returns whether they were taken; false, without a word, before the control plane has made a place for them. */
        boolean write(Map<String, Long> usedMsByKey) throws Exception;
    }

    private final KeyUse use;
    private final Target target;
    private final long intervalMs;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "tributary-key-use");
        thread.setDaemon(true);
        return thread;
    });

    KeyUseWriter(KeyUse use, Target target, long intervalMs) {
        this.use = use;
        this.target = target;
        this.intervalMs = intervalMs;
        // A key that is used while the broker ends disturbs no request.
        writer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    static long intervalMs(Map<String, ?> brokerConfig) {
        Object intervalMs = brokerConfig.get("tributary.key.usage.interval.ms");
        return intervalMs == null ? INTERVAL_MS : Long.parseLong(intervalMs.toString());
    }

    KeyUseWriter start() {
        use.onUse(this::schedule);
        return this;
    }

    private void schedule() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            writer.schedule(this::write, intervalMs, TimeUnit.MILLISECONDS);
        }
    }

    private void write() {
        // Before the look at what is there: a use that is noted after it makes the next round.
        scheduled.set(false);
        Map<String, Long> uses = use.untold();
        if (uses.isEmpty()) {
            return;
        }
        if (isWritten(uses)) {
            use.told(uses);
            use.forgetEnded(Access.current(), System.currentTimeMillis());
        } else {
            schedule();
        }
    }

    private boolean isWritten(Map<String, Long> uses) {
        try {
            return target.write(uses);
        } catch (Exception e) {
            if (!writer.isShutdown()) {
                LOG.warn("could not write when {} keys were last used; trying again in {} ms: {}", uses.size(), intervalMs, e.toString());
            }
            return false;
        }
    }

    @Override
    public void close() {
        use.onUse(() -> { });
        writer.shutdownNow();
    }
}
