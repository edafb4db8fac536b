package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Access records")
class AccessRecordsTest {
    private static final String KEY = "{\"revision\":%d,\"owner\":\"sa-1\",\"salt\":\"c2FsdA==\",\"hash\":\"aGFzaA==\"}";
    private static final String DELETED = "{\"revision\":%d,\"deleted\":true}";
    private static final String BINDING = "{\"revision\":%d,\"principal\":\"u-1\",\"role\":\"%s\",\"crn\":\"crn://x\"}";

    private final Access.Builder access = Access.EMPTY.edit();

    private void put(String key, String value) throws IOException {
        AccessRecords.apply(access, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void makeAKeyKnown() throws IOException {
        put("key/A", KEY.formatted(1));
        Access.ApiKey key = access.build().apiKey("A");
        assertEquals("sa-1", key.owner());
        assertEquals("salt", new String(key.salt(), StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName("a deletion stays, though an older record of the key comes after it")
    void anOlderRecordRevivesNothing() throws IOException {
        put("key/A", DELETED.formatted(5));
        put("key/A", KEY.formatted(4));
        assertNull(access.build().apiKey("A"));
    }

    @Test
    void aNewerRecordReplacesAnOlderOne() throws IOException {
        put("key/A", KEY.formatted(1));
        put("key/A", DELETED.formatted(2));
        assertNull(access.build().apiKey("A"));
    }

    @Test
    @DisplayName("the same records twice are the same state")
    void applyingTwiceChangesNothing() throws IOException {
        put("key/A", KEY.formatted(1));
        put("key/A", KEY.formatted(1));
        assertEquals(1, access.build().size());
    }

    @Test
    void onlyAnOrganizationAdministratorIsAnAdministratorAndOnlyUntilTheBindingGoes() throws IOException {
        put("binding/1", BINDING.formatted(1, "OrganizationAdmin"));
        put("binding/2", BINDING.formatted(1, "CloudClusterAdmin").replace("u-1", "u-2"));
        assertTrue(access.build().isAdministrator("u-1"));
        assertFalse(access.build().isAdministrator("u-2"));
        put("binding/1", DELETED.formatted(2));
        assertFalse(access.build().isAdministrator("u-1"));
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
        "{\"revision\":1,\"owner\":7,\"salt\":\"c2FsdA==\",\"hash\":\"aGFzaA==\"}",
    })
    void malformed(String value) throws IOException {
        put("key/A", KEY.formatted(1));
        assertThrows(IOException.class, () -> put("key/A", value));
        assertNotNull(access.build().apiKey("A"));
    }
}
