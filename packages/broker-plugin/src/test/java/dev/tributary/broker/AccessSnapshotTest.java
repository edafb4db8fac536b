package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The snapshot on disk")
class AccessSnapshotTest {
    @TempDir
    Path directory;

    private Access state() {
        Access.Builder access = Access.EMPTY.edit();
        access.put("A", new Access.ApiKey(3, false, "sa-1", new byte[] {1, -2}, new byte[] {3}));
        access.put("B", new Access.ApiKey(4, true, "", new byte[0], new byte[0]));
        access.put("rb-1", new Access.RoleBinding(1, false, "u-1", "OrganizationAdmin", "crn://x"));
        access.put("rb-2", new Access.RoleBinding(2, true, "", "", ""));
        return access.build();
    }

    @Test
    void givesBackWhatWasSaved() throws IOException {
        Path file = directory.resolve("snapshot.json");
        new AccessSnapshot(file).save(Access.EMPTY);
        new AccessSnapshot(file).save(state());
        Access loaded = new AccessSnapshot(file).load().orElseThrow();
        assertEquals(4, loaded.size());
        assertArrayEquals(new byte[] {1, -2}, loaded.apiKey("A").salt());
        assertTrue(loaded.isAdministrator("u-1"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    @DisplayName("remembers deletions, so that an older record read later revives nothing")
    void remembersDeletions() throws IOException {
        Path file = directory.resolve("snapshot.json");
        new AccessSnapshot(file).save(state());
        Access.Builder later = new AccessSnapshot(file).load().orElseThrow().edit();
        later.put("B", new Access.ApiKey(2, false, "sa-1", new byte[0], new byte[0]));
        assertNull(later.build().apiKey("B"));
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
    @DisplayName("never takes the place of what was read from the topic")
    void yieldsToTheTopic() {
        Access read = Access.EMPTY.edit().build();
        Access.replace(read);
        Access.replaceIfUnknown(state());
        assertEquals(read, Access.current());
        Access.replace(Access.EMPTY);
        Access.replaceIfUnknown(state());
        assertEquals(4, Access.current().size());
        Access.replace(Access.EMPTY);
    }
}
