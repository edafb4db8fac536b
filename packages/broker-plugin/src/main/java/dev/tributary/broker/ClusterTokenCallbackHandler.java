package dev.tributary.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;

import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/** SASL/OAUTHBEARER with a token of the installation. What a client says beside it in SASL extensions counts for nothing. */
public final class ClusterTokenCallbackHandler implements AuthenticateCallbackHandler {
    private ClusterTokenVerifier verifier;

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
        try {
            String key = Files.readString(Path.of((String) configs.get("tributary.token.key")));
            verifier = new ClusterTokenVerifier((String) configs.get("tributary.cluster.id"), key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("tributary.token.key is no Ed25519 public key", e);
        }
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (!(callback instanceof OAuthBearerValidatorCallback validation)) {
                // Kafka asks about extensions too, and takes this for "none is known".
                throw new UnsupportedCallbackException(callback);
            }
            validation.token(verifier.verify(validation.tokenValue(), System.currentTimeMillis())
                // Not the callback's own error: that is a successful answer with an explanation, which some clients take for a login.
                .orElseThrow(() -> new SaslAuthenticationException("the token has expired or is not one for this cluster")));
        }
    }

    @Override
    public void close() { }
}
