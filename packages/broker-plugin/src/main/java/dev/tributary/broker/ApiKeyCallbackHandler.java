package dev.tributary.broker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;

import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;

/** SASL/PLAIN with an API key: the key is the user name, its secret the password. */
public final class ApiKeyCallbackHandler implements AuthenticateCallbackHandler {
    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) { }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        String id = null;
        for (Callback callback : callbacks) {
            if (callback instanceof NameCallback name) {
                id = name.getDefaultName();
            } else if (callback instanceof PlainAuthenticateCallback plain) {
                plain.authenticated(opens(id, plain.password(), System.currentTimeMillis()));
            } else {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private static boolean opens(String id, char[] secret, long nowMs) {
        boolean verified = verify(Access.current().apiKey(id, nowMs), secret);
        if (verified) {
            KeyUse.OF_THIS_BROKER.note(id, nowMs);
        }
        return verified;
    }

    static boolean verify(Access.ApiKey key, char[] secret) {
        if (key == null) {
            return false;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(key.salt());
            return MessageDigest.isEqual(key.hash(), digest.digest(new String(secret).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() { }
}
