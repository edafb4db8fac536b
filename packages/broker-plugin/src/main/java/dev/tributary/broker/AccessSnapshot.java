package dev.tributary.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last known access state on disk, for a start at which the topic can't be read in time. */
final class AccessSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(AccessSnapshot.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    AccessSnapshot(Path file) {
        this.file = file;
    }

    boolean exists() {
        return Files.exists(file);
    }

    void save(Access access) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = JSON.getFactory().createGenerator(Files.newOutputStream(next))) {
            AccessRecords.write(out, access);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Optional<Access> load() {
        if (!exists()) {
            return Optional.empty();
        }
        try {
            Access.Builder access = Access.EMPTY.edit();
            var records = JSON.readTree(file.toFile());
            if (!records.isObject()) {
                throw new IOException("not an object");
            }
            for (var record : records.properties()) {
                AccessRecords.apply(access, record.getKey(), record.getValue());
            }
            return Optional.of(access.build());
        } catch (IOException e) {
            LOG.error("the access snapshot on disk is unreadable: {}", e.toString());
            return Optional.empty();
        }
    }
}
