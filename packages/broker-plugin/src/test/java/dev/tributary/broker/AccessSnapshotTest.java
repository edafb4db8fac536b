package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The snapshot on disk")
class AccessSnapshotTest {
    @TempDir
    Path directory;

    private Access state() {
        Access.Builder access = Access.EMPTY.edit();
        access.put("A", new Access.ApiKey(3, false, "sa-1", new byte[] {1, -2}, new byte[] {3}, 1000));
        access.put("B", Access.ApiKey.deletion(4));
        access.put("C", new Access.ApiKey(3, false, "sa-1", new byte[0], new byte[0], Access.ApiKey.NEVER));
        access.put("rb-1", new Access.RoleBinding(1, false, "u-1", List.of(
            new Grants.Grant(ResourceType.TOPIC, PatternType.PREFIXED, "or", Grants.bit(AclOperation.READ) | Grants.bit(AclOperation.DESCRIBE)))));
        access.put("rb-2", Access.RoleBinding.deletion(2));
        return access.build();
    }

    @Test
    void givesBackWhatWasSaved() throws IOException {
        Path file = directory.resolve("snapshot.json");
        new AccessSnapshot(file).save(Access.EMPTY);
        new AccessSnapshot(file).save(state());
        Access loaded = new AccessSnapshot(file).load().orElseThrow();
        assertEquals(5, loaded.size());
        assertEquals(4, loaded.revision());
        assertArrayEquals(new byte[] {1, -2}, loaded.apiKey("A", 999).salt());
        assertNull(loaded.apiKey("A", 1000));
        assertNotNull(loaded.apiKey("C", 1000));
        Grants grants = loaded.grantsOf("u-1");
        assertTrue(grants.allow(AclOperation.READ, ResourceType.TOPIC, "orders"));
        assertTrue(grants.allow(AclOperation.DESCRIBE, ResourceType.TOPIC, "orders"));
        assertFalse(grants.allow(AclOperation.WRITE, ResourceType.TOPIC, "orders"));
        assertFalse(grants.allow(AclOperation.READ, ResourceType.TOPIC, "o"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    @DisplayName("remembers deletions, so that an older record read later revives nothing")
    void remembersDeletions() throws IOException {
        Path file = directory.resolve("snapshot.json");
        new AccessSnapshot(file).save(state());
        Access.Builder later = new AccessSnapshot(file).load().orElseThrow().edit();
        later.put("B", new Access.ApiKey(2, false, "sa-1", new byte[0], new byte[0], Access.ApiKey.NEVER));
        assertNull(later.build().apiKey("B", 0));
    }

    @Test
    void thatIsMissingOrUnreadableIsNone() throws IOException {
        Path file = directory.resolve("snapshot.json");
        assertTrue(new AccessSnapshot(file).load().isEmpty());
        for (String text : new String[] {"", "{", "{\"key/A\":{}}"}) {
            Files.writeString(file, text);
            assertTrue(new AccessSnapshot(file).load().isEmpty(), text);
        }
    }

    @Test
    @DisplayName("is written soon after a change, and at the latest when its writer is closed")
    void isWrittenByItself() {
        AccessSnapshot snapshot = new AccessSnapshot(directory.resolve("snapshot.json"));
        SnapshotSaver saver = new SnapshotSaver(snapshot);
        for (int i = 0; i < 1000; i++) {
            saver.save(Access.EMPTY);
        }
        saver.save(state());
        saver.close();
        assertEquals(5, snapshot.load().orElseThrow().size());
    }

    @Test
    @DisplayName("that can't be written stops nothing")
    void unwritable() {
        SnapshotSaver saver = new SnapshotSaver(new AccessSnapshot(directory.resolve("nowhere/snapshot.json")));
        saver.save(state());
        saver.close();
        assertFalse(new AccessSnapshot(directory.resolve("nowhere/snapshot.json")).exists());
    }

    @Test
    @DisplayName("never takes the place of what was read from the topic")
    void yieldsToTheTopic() {
        Access read = Access.EMPTY.edit().build();
        Access.replace(read);
        Access.replaceIfUnknown(state());
        assertEquals(read, Access.current());
        Access.replace(Access.EMPTY);
        Access.replaceIfUnknown(state());
        assertEquals(5, Access.current().size());
        Access.replace(Access.EMPTY);
    }
}
