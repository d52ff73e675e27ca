"""The WebSub hub of the publication (W3C Recommendation, 23 January 2018): subscriptions, and deliveries to them.

WebSub's "topic" is called a feed here, and its URL `feed_url`. `web` takes requests by `subscriptions`; processes of
their own (`worker`) verify them and deliver. Nothing here knows Flask.
"""
