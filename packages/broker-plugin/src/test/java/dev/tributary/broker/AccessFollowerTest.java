package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(10)
@DisplayName("Reading the access topic to its end")
class AccessFollowerTest {
    private static final TopicPartition PARTITION = new TopicPartition(AccessFollower.TOPIC, 0);
    private static final String KEY = "{\"revision\":1,\"owner\":\"sa-1\",\"salt\":\"c2FsdA==\",\"hash\":\"aGFzaA==\"}";

    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");

    AccessFollowerTest() {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        consumer.seekToBeginning(List.of(PARTITION));
    }

    private void end(long offset) {
        consumer.updateEndOffsets(Map.of(PARTITION, offset));
    }

    private void record(long offset, String key, String value) {
        consumer.addRecord(new ConsumerRecord<>(AccessFollower.TOPIC, 0, offset, key, value.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void ofAnEmptyTopicEndsAtOnce() {
        end(0);
        assertEquals(0, AccessFollower.readToEnd(consumer).build().size());
    }

    @Test
    @DisplayName("goes on until the position is there, though the last offset is a transaction's marker and no record")
    void passesMarkers() {
        end(2);
        record(0, "key/A", KEY);
        consumer.schedulePollTask(() -> { });
        consumer.schedulePollTask(() -> consumer.seek(PARTITION, 2));
        assertNotNull(AccessFollower.readToEnd(consumer).build().apiKey("A", 0));
    }

    @Test
    @DisplayName("ends at a new leader's earlier end")
    void believesANewLeader() {
        end(5);
        record(0, "key/A", KEY);
        consumer.schedulePollTask(() -> { });
        consumer.schedulePollTask(() -> end(1));
        assertNotNull(AccessFollower.readToEnd(consumer).build().apiKey("A", 0));
    }

    @Test
    void leavesOutWhatItCannotRead() {
        end(3);
        record(0, "key/A", KEY);
        record(1, "key/B", "{\"revision\":1,\"owner\":\"sa-1\"}");
        record(2, "key/C", KEY);
        Access access = AccessFollower.readToEnd(consumer).build();
        assertNotNull(access.apiKey("A", 0));
        assertNull(access.apiKey("B", 0));
        assertNotNull(access.apiKey("C", 0));
    }

    @TempDir
    Path directory;

    private AccessFollower follower(String revision) throws IOException {
        Path client = Files.writeString(directory.resolve("client.properties"), "");
        consumer.updatePartitions(AccessFollower.TOPIC, List.of(new PartitionInfo(AccessFollower.TOPIC, 0, null, null, null)));
        return new AccessFollower(Map.of(
            "tributary.access.snapshot", directory.resolve("snapshot.json").toString(),
            "tributary.access.client", client.toString(),
            "tributary.formation", "join",
            "tributary.access.revision", revision));
    }

    /** Follows what is published, a record for each value, until the last was read; says after each whether clients may come in. */
    private List<Boolean> follow(AccessFollower follower, String... values) {
        List<Boolean> open = new ArrayList<>();
        end(1);
        for (int i = 0; i < values.length; i++) {
            int offset = i;
            consumer.schedulePollTask(() -> {
                if (offset > 0) {
                    open.add(follower.open.isDone());
                }
                record(offset, "key/" + offset, values[offset]);
            });
        }
        consumer.schedulePollTask(() -> {
            open.add(follower.open.isDone());
            follower.close();
        });
        follower.follow(consumer);
        Access.replace(Access.EMPTY);
        return open;
    }

    private static String deleted(int revision) {
        return "{\"revision\":" + revision + ",\"deleted\":true}";
    }

    @Test
    @DisplayName("opens for clients at the end, where no revision is named")
    void opensAtTheEnd() throws IOException {
        assertEquals(List.of(true), follow(follower("0"), KEY));
    }

    @Test
    @DisplayName("opens for clients when the revision that was named is there, and not at the end before it")
    void opensAtTheRevision() throws IOException {
        assertEquals(List.of(false, false, true, true), follow(follower("7"), KEY, deleted(6), deleted(7), deleted(6)));
    }

    @Test
    @DisplayName("opens for clients at a revision beyond the one that was named")
    void opensBeyondTheRevision() throws IOException {
        assertEquals(List.of(false, true), follow(follower("7"), KEY, deleted(9)));
    }

    @Test
    @DisplayName("opens for clients when all that was published with the revision is there")
    void opensAtTheEndBehindTheRevision() throws IOException {
        AccessFollower follower = follower("7");
        end(1);
        consumer.schedulePollTask(() -> record(0, "key/0", KEY));
        consumer.schedulePollTask(() -> {
            end(3);
            record(1, "key/1", deleted(7));
        });
        consumer.schedulePollTask(() -> {
            assertFalse(follower.open.isDone());
            record(2, "key/2", deleted(6));
        });
        consumer.schedulePollTask(() -> {
            assertTrue(follower.open.isDone());
            follower.close();
        });
        follower.follow(consumer);
        Access.replace(Access.EMPTY);
    }

    @Test
    @DisplayName("counts no record that can't be read as a revision")
    void unreadableRevisions() throws IOException {
        assertEquals(List.of(false, false), follow(follower("7"), KEY, "{\"revision\":9}"));
    }

    @Test
    @DisplayName("leaves what was read on disk")
    void saves() throws IOException {
        follow(follower("0"), KEY, deleted(6));
        assertEquals(2, new AccessSnapshot(directory.resolve("snapshot.json")).load().orElseThrow().size());
    }

    @Test
    void withoutTheSettingNoRevisionIsRequired() {
        assertEquals(0, AccessFollower.requiredRevision(Map.of()));
        assertEquals(12, AccessFollower.requiredRevision(Map.of("tributary.access.revision", "12")));
    }
}
