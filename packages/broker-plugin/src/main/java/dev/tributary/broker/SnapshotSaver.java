package dev.tributary.broker;

import java.io.IOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes states to the snapshot after they took effect, and never in the way of the next one: changes
 * that follow each other closely are one write. A disk that takes none keeps no revoked key alive: the
 * state counts, the file is only for later.
 */
final class SnapshotSaver implements AutoCloseable {
    private static final long BETWEEN_WRITES_MS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSaver.class);

    private final AccessSnapshot snapshot;
    private final AtomicReference<Access> latest = new AtomicReference<>();
    private final ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "tributary-access-snapshot");
        thread.setDaemon(true);
        return thread;
    });
    private volatile long writtenMs;

    SnapshotSaver(AccessSnapshot snapshot) {
        this.snapshot = snapshot;
    }

    void save(Access access) {
        if (latest.getAndSet(access) == null) {
            long waitMs = writtenMs + BETWEEN_WRITES_MS - System.currentTimeMillis();
            writer.schedule(this::writeLatest, Math.min(waitMs, BETWEEN_WRITES_MS), TimeUnit.MILLISECONDS);
        }
    }

    private void writeLatest() {
        Access access = latest.getAndSet(null);
        if (access == null) {
            return;
        }
        writtenMs = System.currentTimeMillis();
        try {
            snapshot.save(access);
        } catch (IOException | RuntimeException e) {
            LOG.error("the access snapshot could not be written: {}", e.toString());
        }
    }

    /** Returns when the latest state is written. */
    @Override
    public void close() {
        writer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        writer.shutdown();
        try {
            writer.awaitTermination(BETWEEN_WRITES_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writeLatest();
    }
}
