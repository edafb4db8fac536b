package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Access records")
class AccessRecordsTest {
    private static final String KEY = "{\"revision\":%d,\"owner\":\"sa-1\",\"salt\":\"c2FsdA==\",\"hash\":\"aGFzaA==\"}";
    private static final String DELETED = "{\"revision\":%d,\"deleted\":true}";
    private static final long NOW = 1_000_000;
    private static final String GRANT = "{\"type\":\"TOPIC\",\"name\":\"orders\",\"pattern\":\"LITERAL\",\"operations\":[\"READ\",\"DESCRIBE\"]}";
    private static final String BINDING = "{\"revision\":%d,\"principal\":\"u-1\",\"grants\":[%s]}";

    private final Access.Builder access = Access.EMPTY.edit();

    private void put(String key, String value) throws IOException {
        AccessRecords.apply(access, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void makeAKeyKnown() throws IOException {
        put("key/A", KEY.formatted(1));
        Access.ApiKey key = access.build().apiKey("A", NOW);
        assertEquals("sa-1", key.owner());
        assertEquals("salt", new String(key.salt(), StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName("a deletion stays, though an older record of the key comes after it")
    void anOlderRecordRevivesNothing() throws IOException {
        put("key/A", DELETED.formatted(5));
        put("key/A", KEY.formatted(4));
        assertNull(access.build().apiKey("A", NOW));
    }

    @Test
    void aNewerRecordReplacesAnOlderOne() throws IOException {
        put("key/A", KEY.formatted(1));
        put("key/A", DELETED.formatted(2));
        assertNull(access.build().apiKey("A", NOW));
    }

    @Test
    @DisplayName("the same records twice are the same state")
    void applyingTwiceChangesNothing() throws IOException {
        put("key/A", KEY.formatted(1));
        put("key/A", KEY.formatted(1));
        assertEquals(1, access.build().size());
    }

    @Test
    @DisplayName("a key is one until its last millisecond")
    void expiry() throws IOException {
        put("key/A", KEY.formatted(1).replace("}", ",\"expires\":" + NOW + "}"));
        assertNotNull(access.build().apiKey("A", NOW - 1));
        assertNull(access.build().apiKey("A", NOW));
    }

    private boolean reads(String principal, String topic) {
        return access.build().grantsOf(principal).allow(AclOperation.READ, ResourceType.TOPIC, topic);
    }

    @Test
    void aBindingGrantsWhatItListsUntilItGoes() throws IOException {
        put("binding/1", BINDING.formatted(1, GRANT));
        assertTrue(reads("u-1", "orders"));
        assertFalse(reads("u-2", "orders"));
        assertFalse(reads("u-1", "orders-2"));
        assertFalse(access.build().grantsOf("u-1").allow(AclOperation.WRITE, ResourceType.TOPIC, "orders"));
        assertFalse(access.build().grantsOf("u-1").allow(AclOperation.READ, ResourceType.GROUP, "orders"));
        put("binding/1", DELETED.formatted(2));
        assertFalse(reads("u-1", "orders"));
    }

    @Test
    @DisplayName("two bindings of a principal add up, and one of them goes alone, in one publication or in two")
    void bindingsAddUp() throws IOException {
        String prefix = GRANT.replace("LITERAL", "PREFIXED").replace("orders", "or");
        put("binding/1", BINDING.formatted(1, GRANT));
        put("binding/2", BINDING.formatted(2, prefix + "," + GRANT.replace("READ", "WRITE")));
        Access both = access.build();
        assertTrue(both.grantsOf("u-1").allow(AclOperation.READ, ResourceType.TOPIC, "orders"));
        assertTrue(both.grantsOf("u-1").allow(AclOperation.WRITE, ResourceType.TOPIC, "orders"));
        Access.Builder later = both.edit();
        AccessRecords.apply(later, "binding/2", DELETED.formatted(3).getBytes(StandardCharsets.UTF_8));
        assertTrue(later.build().grantsOf("u-1").allow(AclOperation.READ, ResourceType.TOPIC, "orders"));
        assertFalse(later.build().grantsOf("u-1").allow(AclOperation.WRITE, ResourceType.TOPIC, "orders"));
        assertFalse(later.build().grantsOf("u-1").allow(AclOperation.READ, ResourceType.TOPIC, "or-1"));
    }

    @Test
    @DisplayName("a binding that comes to name another principal takes nothing along")
    void bindingsMove() throws IOException {
        put("binding/1", BINDING.formatted(1, GRANT));
        Access.Builder later = access.build().edit();
        String moved = BINDING.formatted(2, GRANT).replace("u-1", "u-2");
        AccessRecords.apply(later, "binding/1", moved.getBytes(StandardCharsets.UTF_8));
        assertFalse(later.build().grantsOf("u-1").allow(AclOperation.READ, ResourceType.TOPIC, "orders"));
        assertTrue(later.build().grantsOf("u-2").allow(AclOperation.READ, ResourceType.TOPIC, "orders"));
    }

    @Test
    @DisplayName("the prefix of no length is everything of its type")
    void everything() throws IOException {
        put("binding/1", BINDING.formatted(1, GRANT.replace("LITERAL", "PREFIXED").replace("orders", "")));
        assertTrue(reads("u-1", "anything"));
        assertFalse(access.build().grantsOf("u-1").allow(AclOperation.READ, ResourceType.GROUP, "anything"));
    }

    @Test
    @DisplayName("the revision is the highest of all that was read, deletions included")
    void revision() throws IOException {
        assertEquals(0, access.build().revision());
        put("key/A", KEY.formatted(3));
        put("binding/1", DELETED.formatted(8));
        put("key/B", KEY.formatted(5));
        assertEquals(8, access.build().revision());
        assertThrows(IOException.class, () -> put("binding/2", BINDING.formatted(9, "{}")));
        assertEquals(8, access.build().revision());
    }

    @Test
    void ofAnUnknownKindAreLeftAlone() throws IOException {
        put("group/1", "{\"revision\":1}");
        put("nothing", "{}");
        put(null, "{}");
        put("key/A", null);
        assertEquals(0, access.build().size());
    }

    @ParameterizedTest
    @DisplayName("that can't be read change nothing and fail in a way that the reader expects")
    @ValueSource(strings = {
        "", "null", "[]", "7", "{", "{\"deleted\":true}", "{\"revision\":\"1\",\"deleted\":true}", "{\"revision\":1}",
        "{\"revision\":1,\"owner\":\"sa-1\"}",
        "{\"revision\":1,\"owner\":\"sa-1\",\"salt\":7,\"hash\":\"aGFzaA==\"}",
        "{\"revision\":1,\"owner\":\"sa-1\",\"salt\":\"c2FsdA==\",\"hash\":\"not base64\"}",
        "{\"revision\":1,\"owner\":\"sa-1\",\"salt\":\"c2FsdA==\",\"hash\":\"aGFzaA==\",\"expires\":\"tomorrow\"}",
        "{\"revision\":1,\"owner\":7,\"salt\":\"c2FsdA==\",\"hash\":\"aGFzaA==\"}",
    })
    void malformed(String value) throws IOException {
        put("key/A", KEY.formatted(1));
        assertThrows(IOException.class, () -> put("key/A", value));
        assertNotNull(access.build().apiKey("A", NOW));
    }

    @ParameterizedTest
    @DisplayName("a binding that says anything but operations, one by one, on what it may name grants nothing")
    @ValueSource(strings = {
        "{\"revision\":9,\"principal\":\"u-1\",\"role\":\"OrganizationAdmin\",\"crn\":\"crn://x\"}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":{}}",
        "{\"revision\":9,\"grants\":[]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"TOPIC\",\"name\":\"orders\",\"pattern\":\"LITERAL\",\"operations\":[\"ALL\"]}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"TOPIC\",\"name\":\"orders\",\"pattern\":\"LITERAL\",\"operations\":[\"ANY\"]}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"TOPIC\",\"name\":\"orders\",\"pattern\":\"LITERAL\",\"operations\":[\"FLY\"]}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"TOPIC\",\"name\":\"orders\",\"pattern\":\"LITERAL\",\"operations\":\"READ\"}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"TOPIC\",\"name\":\"orders\",\"pattern\":\"MATCH\",\"operations\":[\"READ\"]}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"ANY\",\"name\":\"orders\",\"pattern\":\"LITERAL\",\"operations\":[\"READ\"]}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"USER\",\"name\":\"u-1\",\"pattern\":\"LITERAL\",\"operations\":[\"CREATE_TOKENS\"]}]}",
        "{\"revision\":9,\"principal\":\"u-1\",\"grants\":[{\"type\":\"TOPIC\",\"pattern\":\"LITERAL\",\"operations\":[\"READ\"]}]}",
    })
    void malformedBindings(String value) throws IOException {
        assertThrows(IOException.class, () -> put("binding/1", value));
        assertEquals(0, access.build().size());
        assertFalse(reads("u-1", "orders"));
    }
}
