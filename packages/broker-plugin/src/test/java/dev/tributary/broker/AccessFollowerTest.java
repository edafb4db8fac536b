package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
        assertNotNull(AccessFollower.readToEnd(consumer).build().apiKey("A"));
    }

    @Test
    @DisplayName("ends at a new leader's earlier end")
    void believesANewLeader() {
        end(5);
        record(0, "key/A", KEY);
        consumer.schedulePollTask(() -> { });
        consumer.schedulePollTask(() -> end(1));
        assertNotNull(AccessFollower.readToEnd(consumer).build().apiKey("A"));
    }

    @Test
    void leavesOutWhatItCannotRead() {
        end(3);
        record(0, "key/A", KEY);
        record(1, "key/B", "{\"revision\":1,\"owner\":\"sa-1\"}");
        record(2, "key/C", KEY);
        Access access = AccessFollower.readToEnd(consumer).build();
        assertNotNull(access.apiKey("A"));
        assertNull(access.apiKey("B"));
        assertNotNull(access.apiKey("C"));
    }
}
